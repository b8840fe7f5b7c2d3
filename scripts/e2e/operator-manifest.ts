/** The operator's manifest with another image in it. */
import * as v from 'valibot';
import { parseAllDocuments, stringify } from 'yaml';

/** Where the operator's Deployment is. */
export type DeploymentPlace = { readonly namespace: string; readonly name: string };

const deploymentSchema = v.looseObject({
  kind: v.literal('Deployment'),
  metadata: v.looseObject({ name: v.string(), namespace: v.string() }),
  spec: v.looseObject({
    template: v.looseObject({ spec: v.looseObject({ containers: v.array(v.looseObject({})) }) }),
  }),
});
const containerSchema = v.looseObject({
  env: v.optional(v.array(v.looseObject({ name: v.string() })), []),
});

/** The variable that tells the operator which image its agents are. */
const AGENT_IMAGE = 'QUORATE_AGENT_IMAGE';

/**
 * The objects of `manifest` (YAML) but for its CustomResourceDefinitions, with `image` for the operator and its
 * agents. @throws Error unless there is exactly one Deployment
 */
export function withImage(
  manifest: string,
  image: string,
): { readonly manifest: string; readonly deployment: DeploymentPlace } {
  const objects = parseAllDocuments(manifest)
    .map((document): unknown => document.toJS())
    .filter((object) => object !== null && kindOf(object) !== 'CustomResourceDefinition');
  const places: DeploymentPlace[] = [];
  const changed = objects.map((object) => {
    const parsed = v.safeParse(deploymentSchema, object);
    if (!parsed.success) {
      return object;
    }
    const { metadata } = parsed.output;
    places.push({ namespace: metadata.namespace, name: metadata.name });
    return deploymentWithImage(parsed.output, image);
  });
  const [deployment] = places;
  if (deployment === undefined || places.length > 1) {
    throw new Error(`the operator's manifest has ${places.length} Deployments; one is expected`);
  }
  return { manifest: changed.map((object) => stringify(object)).join('---\n'), deployment };
}

function deploymentWithImage(deployment: v.InferOutput<typeof deploymentSchema>, image: string): unknown {
  const { spec } = deployment;
  const containers = spec.template.spec.containers.map((container) => {
    const { env } = v.parse(containerSchema, container);
    const others = env.filter(({ name }) => name !== AGENT_IMAGE);
    return {
      ...container,
      image,
      imagePullPolicy: 'IfNotPresent',
      env: [...others, { name: AGENT_IMAGE, value: image }],
    };
  });
  const template = { ...spec.template, spec: { ...spec.template.spec, containers } };
  return { ...deployment, spec: { ...spec, template } };
}

function kindOf(object: unknown): unknown {
  return typeof object === 'object' && object !== null && 'kind' in object ? object.kind : undefined;
}
