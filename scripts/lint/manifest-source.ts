/** Objects that are checked together: what is in one file, or what the chart makes in one way. */
export type ManifestSource = {
  /** As findings name it. */
  readonly name: string;
  readonly objects: readonly ManifestObject[];
};

export type ManifestObject = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
};

/** Several documents in JSON, which YAML 1.1 and 1.2 read alike. */
export function streamOf({ objects }: ManifestSource): string {
  return objects.map((object) => `---\n${JSON.stringify(object)}\n`).join('');
}

/** Such as `apps/v1/Deployment`. */
export function typeOf({ apiVersion, kind }: ManifestObject): string {
  return `${apiVersion}/${kind}`;
}
