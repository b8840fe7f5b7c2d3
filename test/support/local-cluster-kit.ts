/** Local clusters for tests: real processes around a fake agent, in a folder that is cleaned up. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { AgentLine } from '../../src/local/agent-line.ts';
import type { ClusterEvent } from '../../src/local/cluster-event.ts';
import {
  type LocalCluster,
  type LocalClusterOptions,
  startLocalCluster,
} from '../../src/local/local-cluster.ts';

/** Longest wait for anything a test waits for; it only turns a hang into a failure. */
const PATIENCE_MS = 20_000;

/** Reads its configuration as etcd does, then runs until it is told to end. */
export const FAKE_ETCD = '#!/bin/sh\ncat "$(echo "$1" | cut -d= -f2)" >/dev/null\nexec sleep 600\n';

export function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'quorate-local-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A program in a file of its own; gives its path. */
export function script(t: TestContext, text: string): string {
  const path = join(temporaryFolder(t), 'program');
  writeFileSync(path, text);
  chmodSync(path, 0o755);
  return path;
}

/** Everything that happened, and a way to wait for what has not happened yet. */
export type Journal = {
  readonly events: readonly ClusterEvent[];
  readonly lines: readonly { readonly ordinal: number; readonly line: AgentLine }[];
  /** Resolves once `condition` holds; looked at whenever something happens. */
  readonly until: (condition: () => boolean) => Promise<void>;
};

export type ObservedCluster = { readonly cluster: LocalCluster; readonly journal: Journal };

export const FAKE_AGENT = join(import.meta.dirname, 'fake-agent.ts');

/** Starts a cluster of fake agents and, unless told otherwise, fake etcds; it is stopped after the test. */
export async function aLocalCluster(
  t: TestContext,
  options: Partial<LocalClusterOptions> & { readonly etcdPath?: string } = {},
): Promise<ObservedCluster> {
  const events: ClusterEvent[] = [];
  const lines: { ordinal: number; line: AgentLine }[] = [];
  const waiting = new Set<() => void>();
  const look = (): void => {
    for (const check of waiting) {
      check();
    }
  };
  const { etcdPath = script(t, FAKE_ETCD), ...rest } = options;
  const folder = options.folder ?? temporaryFolder(t);
  const cluster = await startLocalCluster(
    {
      // One member is enough, unless the folder may hold a cluster that has a size already.
      ...(options.folder === undefined ? { size: 1 } : {}),
      keep: true,
      agentEntry: [FAKE_AGENT],
      onEvent: (event) => {
        events.push(event);
        look();
      },
      onAgentLine: (ordinal, line) => {
        lines.push({ ordinal, line });
        look();
      },
      ...rest,
      folder,
    },
    { findEtcd: () => Promise.resolve(etcdPath), environment: process.env },
    t.signal,
  );
  // Again after the folder's own removal, which comes before this.
  t.after(async () => {
    await cluster.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  const until = (condition: () => boolean): Promise<void> => waitFor(condition, waiting);
  return { cluster, journal: { events, lines, until } };
}

/** Whether the agent of `ordinal` has written a line with this `msg`, `times` times. */
export function hasSaid(journal: Journal, ordinal: number, msg: string, times = 1): boolean {
  return journal.lines.filter((each) => each.ordinal === ordinal && each.line['msg'] === msg).length >= times;
}

function waitFor(condition: () => boolean, waiting: Set<() => void>): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const tooLong = setTimeout(
    () => reject(new Error(`not within ${PATIENCE_MS} ms: ${condition}`)),
    PATIENCE_MS,
  );
  const check = (): void => {
    if (condition()) {
      resolve();
    }
  };
  waiting.add(check);
  check();
  return promise.finally(() => {
    clearTimeout(tooLong);
    waiting.delete(check);
  });
}
