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
              resources: v.object({
                limits: v.object({ memory: v.pipe(v.string(), v.regex(/^[0-9]+Mi$/)) }),
              }),
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

/** V8's limit in a container, as a share of the container's: 259 MiB of 512 MiB were seen with Node 24. */
const HEAP_SHARE = 0.5;

/**
 * As `manifests/install.yaml` has it. Nothing limits a process on this machine, and V8 collects the later the more
 * room it has, so it is told what it would find in its container.
 */
export function deployedNode(): DeployedNode {
  for (const document of parseAllDocuments(readFileSync(INSTALL, 'utf8'))) {
    const parsed = v.safeParse(deploymentSchema, document.toJSON());
    if (parsed.success) {
      const [{ command, env, resources }] = parsed.output.spec.template.spec.containers;
      const variables = env.flatMap(({ name, value }) =>
        FOR_NODE.test(name) && value !== undefined ? [[name, value] as const] : [],
      );
      const heapMiB = Number.parseInt(resources.limits.memory, 10) * HEAP_SHARE;
      return {
        flags: [...command.filter((word) => word.startsWith('--')), `--max-old-space-size=${heapMiB}`],
        environment: Object.fromEntries(variables),
      };
    }
  }
  throw new Error(`${INSTALL} has no Deployment`);
}
