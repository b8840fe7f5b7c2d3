/** What a failed test leaves for people beside the logs: objects, Events, and how the status went. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { errorText } from '../../../src/runtime/error-text.ts';
import { eventLines } from './event-view.ts';
import type { Ground, Space } from './ground.ts';
import { createKubectl } from './kubectl.ts';

/** No Secrets: they are nobody's business but their owner's. */
const KINDS =
  'etcdclusters,statefulsets,pods,persistentvolumeclaims,services,endpointslices,configmaps,poddisruptionbudgets,leases';
/** For all of it, of one namespace. */
const KEEP_MS_MAX = 120_000;

/** Writes everything into the test's folder; what cannot be had is left out, and why is said in its place. */
export async function keepArtefacts(ground: Ground): Promise<void> {
  const { folder, operator } = ground;
  const signal = AbortSignal.timeout(KEEP_MS_MAX);
  const put = async (name: string, content: () => Promise<string>): Promise<void> => {
    const text = await content().catch((error: unknown) => `not to be had: ${errorText(error)}\n`);
    writeFileSync(join(folder, name), text);
  };
  for (const space of ground.spaces) {
    await keepSpace(ground, space, put, signal);
  }
  await put('operator.log', operator.log);
}

type Put = (name: string, content: () => Promise<string>) => Promise<void>;

async function keepSpace({ facts }: Ground, space: Space, put: Put, signal: AbortSignal): Promise<void> {
  const { namespace, view } = space;
  const kubectl = createKubectl(facts.kubectl, namespace, signal);
  const inSpace = (name: string): string => join(namespace, name);
  await put(inSpace('objects.yaml'), () => kubectl.must(['get', KINDS, '-o', 'yaml']));
  await put(inSpace('describe.txt'), () => kubectl.must(['describe', 'etcdclusters']));
  await put(inSpace('events.txt'), async () => eventLines(view.events()));
  await put(inSpace('history.jsonl'), async () => historyLines(space));
}

/** Everything the test saw, in its order, without what only servers read. */
function historyLines({ view }: Space): string {
  return view.history
    .filter(({ kind }) => kind !== 'Event')
    .map(({ atMs, kind, name, change, object }) => {
      const at = new Date(atMs).toISOString();
      const { managedFields: _, ...metadata } = object.metadata as typeof object.metadata & {
        managedFields?: unknown;
      };
      return `${JSON.stringify({ at, kind, name, change, metadata, status: object['status'], data: object['data'] })}\n`;
    })
    .join('');
}
