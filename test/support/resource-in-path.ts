/** What a request to the API server is about, as the server itself reads it out of the path. */
export type RequestedResource = {
  /** Empty for the core group. */
  readonly group: string;
  readonly resource: string;
  readonly subresource: string | undefined;
  readonly namespace: string | undefined;
  /** Undefined for a collection. */
  readonly name: string | undefined;
};

const PATH =
  /^\/(?:api|apis\/(?<group>[^/]+))\/v[^/]+(?:\/namespaces\/(?<namespace>[^/]+))?\/(?<resource>[a-z]+)(?:\/(?<name>[^/]+)(?:\/(?<subresource>[a-z]+))?)?$/;

/**
 * Kubernetes API concepts, "Resource URIs". Dots that climb are followed, as a proxy on the way may do.
 *
 * @throws Error for a path of another form
 */
export function resourceInPath(path: string): RequestedResource {
  const { pathname } = new URL(path, 'https://kubernetes.default.svc');
  const found = PATH.exec(pathname)?.groups;
  if (found === undefined) {
    throw new Error(`${path} is no path of a resource`);
  }
  const { group = '', resource = '', subresource, namespace, name } = found;
  return {
    group,
    resource,
    subresource,
    namespace,
    name: name === undefined ? undefined : decodeURIComponent(name),
  };
}
