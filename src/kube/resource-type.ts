/** A kind of object and where the API server keeps it. */
export type ResourceType = {
  /** `v1` for the core group, otherwise group and version, such as `apps/v1`. */
  readonly apiVersion: string;
  readonly kind: string;
  /** The word in the path, such as `statefulsets`. */
  readonly plural: string;
};

/** Which object or collection; without a namespace it is cluster-wide, without a name the collection. */
export type ResourcePlace = {
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
  readonly subresource?: 'status';
};

/**
 * What Kubernetes lets no name be, since it is part of a path (apimachinery 0.34, `IsValidPathSegmentName`). Two dots
 * would be followed upwards by whoever reads the path as a URL.
 */
const NO_PART_OF_A_PATH = /^\.{1,2}$|[/%]|^$/;

/**
 * The path of an object or a collection (Kubernetes API concepts, "Resource URIs").
 *
 * @throws Error for a name that would lead elsewhere
 */
export function resourcePath(type: ResourceType, place: ResourcePlace): string {
  const root = type.apiVersion.includes('/') ? '/apis' : '/api';
  const parts = [
    ...type.apiVersion.split('/'),
    ...(place.namespace === undefined ? [] : ['namespaces', place.namespace]),
    type.plural,
    ...(place.name === undefined ? [] : [place.name]),
    ...(place.subresource === undefined ? [] : [place.subresource]),
  ];
  const astray = parts.find((part) => NO_PART_OF_A_PATH.test(part));
  if (astray !== undefined) {
    throw new Error(`"${astray}" is no name of a ${type.kind}, or of a namespace: nothing is asked about it`);
  }
  return [root, ...parts.map(encodeURIComponent)].join('/');
}

/** The word for the kind in such a path, such as `statefulsets`; undefined where the path is none. */
export function pluralInPath(path: string): string | undefined {
  return /^\/(?:api|apis\/[^/]+)\/[^/]+(?:\/namespaces\/[^/]+)?\/([a-z]+)(?:[/?]|$)/.exec(path)?.[1];
}
