/** Logs of all containers, kept while they run: those of a Pod that is gone cannot be had any more. */
import { createWriteStream, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pause } from '../../../src/runtime/abort.ts';
import type { ClusterAccess } from './cluster-access.ts';
import type { NamespaceView } from './namespace-view.ts';
import type { ContainerView } from './pod-view.ts';

export type LogKeeper = {
  /** JSON lines of all containers of this name, of every Pod and each of its lives; what is no JSON is left out. */
  readonly lines: (container: string) => readonly LogLine[];
};

export type LogLine = {
  /** The file it is in, such as `demo-0.agent.2.log`. */
  readonly file: string;
  readonly line: Readonly<Record<string, unknown>>;
};

type LogParts = {
  readonly access: ClusterAccess;
  readonly view: NamespaceView;
  readonly folder: string;
  readonly signal: AbortSignal;
};

/** A server that breaks off a log may be restarting. */
const AGAIN_MS = 1_000;
const TRIES_MAX = 30;

/** Follows the log of each container that starts, into `folder`, until `signal` fires. */
export function followLogs(parts: LogParts): LogKeeper {
  const { view, folder } = parts;
  mkdirSync(folder, { recursive: true });
  const lives = new Map<string, Set<string>>();
  const look = (): void => {
    for (const pod of view.pods()) {
      for (const container of pod.containers.filter(({ state }) => state === 'running')) {
        const who = `${pod.name}.${container.name}`;
        const known = lives.get(who) ?? new Set();
        lives.set(who, known);
        if (!known.has(container.id)) {
          known.add(container.id);
          const path = (word: string): string => join(folder, `${who}.${known.size}${word}.log`);
          void follow(parts, pod.name, container, path(''));
          if (container.restarts > 0) {
            // Its life before may have been too short to be followed.
            void copyPrevious(parts, pod.name, container.name, path('-previous'));
          }
        }
      }
    }
  };
  view.onSeen(look);
  look();
  return {
    lines: (container) =>
      readdirSync(folder)
        .filter((file) => file.split('.').at(-3) === container)
        .toSorted()
        .flatMap((file) => linesOf(file, readFileSync(join(folder, file), 'utf8'))),
  };
}

/** Never rejects: a log that cannot be had fails no test. */
async function follow(parts: LogParts, pod: string, container: ContainerView, path: string): Promise<void> {
  const { access, view, signal } = parts;
  const place = { namespace: view.namespace, pod, container: container.name };
  const isRunning = (): boolean =>
    view.pod(pod)?.containers.some(({ id, state }) => id === container.id && state === 'running') === true;
  for (let attempt = 0; attempt < TRIES_MAX && !signal.aborted; attempt++) {
    const chunks = await access.followLog(place, signal);
    if (chunks !== undefined) {
      // From its start each time, so that nothing is missing and nothing is there twice.
      await copy(chunks, path);
    }
    if (!isRunning()) {
      return;
    }
    await pause(AGAIN_MS, signal);
  }
}

async function copyPrevious(
  { access, view, signal }: LogParts,
  pod: string,
  container: string,
  path: string,
): Promise<void> {
  const place = { namespace: view.namespace, pod, container, previous: true };
  const chunks = await access.followLog(place, signal);
  if (chunks !== undefined) {
    await copy(chunks, path);
  }
}

async function copy(chunks: AsyncIterable<Uint8Array>, path: string): Promise<void> {
  const file = createWriteStream(path);
  try {
    for await (const chunk of chunks) {
      file.write(chunk);
    }
  } catch {
    // The connection broke, or the test is over.
  } finally {
    file.end();
  }
}

function linesOf(file: string, text: string): readonly LogLine[] {
  return text.split('\n').flatMap((each) => {
    try {
      const line: unknown = JSON.parse(each);
      return typeof line === 'object' && line !== null ? [{ file, line: { ...line } }] : [];
    } catch {
      return [];
    }
  });
}
