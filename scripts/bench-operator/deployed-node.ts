import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { parseAllDocuments } from 'yaml';

/** How a Deployment starts the operator's Node. */
export type DeployedNode = {
  readonly flags: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
};

const INSTALL = join(import.meta.dirname, '..', '..', 'manifests', 'install.yaml');

const deploymentSchema = v.object({
  kind: v.literal('Deployment'),
  spec: v.object({
    template: v.object({
      spec: v.object({
        containers: v.tupleWithRest(
          [
            v.object({
              command: v.array(v.string()),
              env: v.array(v.object({ name: v.string(), value: v.optional(v.string()) })),
            }),
          ],
          v.unknown(),
        ),
      }),
    }),
  }),
});

/** What is for Node itself and the C library below it, not for the program. */
const FOR_NODE = /^(MALLOC|UV|NODE)_/;

/** As `manifests/install.yaml` has it. */
export function deployedNode(): DeployedNode {
  for (const document of parseAllDocuments(readFileSync(INSTALL, 'utf8'))) {
    const parsed = v.safeParse(deploymentSchema, document.toJSON());
    if (parsed.success) {
      const [{ command, env }] = parsed.output.spec.template.spec.containers;
      const variables = env.flatMap(({ name, value }) =>
        FOR_NODE.test(name) && value !== undefined ? [[name, value] as const] : [],
      );
      return {
        flags: command.filter((word) => word.startsWith('--')),
        environment: Object.fromEntries(variables),
      };
    }
  }
  throw new Error(`${INSTALL} has no Deployment`);
}
