import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { createHttpObjectApi } from '../../../src/kube/http-object-api.ts';
import { createHttpTransport } from '../../../src/kube/http-transport.ts';
import type { KubeObject } from '../../../src/kube/kube-object.ts';
import type { FollowNews, FollowPace } from '../../../src/operator/cache/follow-scope.ts';
import type { Change } from '../../../src/operator/cache/object-store.ts';
import { createReflector, type Reflector } from '../../../src/operator/cache/reflector.ts';
import { systemClock } from '../../../src/runtime/clock.ts';
import {
  aPage,
  type ScriptedApiServer,
  serveScriptedApi,
  type Visit,
} from '../../support/scripted-api-server.ts';

/** Patient in everything, and quick to retry. */
export const TEST_PACE: FollowPace = {
  pageLimit: 8,
  watchMs: 60_000,
  silenceMsMax: 60_000,
  usefulWatchMs: 60_000,
  relistMs: 600_000,
  backOff: { baseMs: 2, capMs: 4 },
  retryAfterMsMax: 5,
};

/** A reflector of ConfigMaps at work against a scripted server, and what it told. */
export type FollowedServer = {
  readonly server: ScriptedApiServer;
  readonly reflector: Reflector<string>;
  /** Such as `added ns/a 1`; taken away by the asking. */
  readonly told: () => readonly string[];
  readonly news: readonly FollowNews[];
  readonly stop: AbortController;
  readonly ended: Promise<void>;
  /** Answers the list that comes next, and opens the watch after it. */
  readonly listed: (items: readonly KubeObject[], resourceVersion: number) => Promise<Visit>;
  /** The watch that comes next, opened. */
  readonly watched: () => Promise<Visit>;
  /** Waits until the reflector was told this version. */
  readonly seen: (name: string, resourceVersion: number | undefined) => Promise<void>;
};

export type FollowedOptions = {
  readonly pace?: Partial<FollowPace>;
  readonly namespaces?: readonly string[];
  readonly labelSelector?: string;
  readonly onChange?: (change: Change<string>) => void;
};

/** Starts both; they end with the test. */
export async function followServer(t: TestContext, options: FollowedOptions = {}): Promise<FollowedServer> {
  const server = await serveScriptedApi(t);
  const transport = createHttpTransport(server.credentials);
  const told: string[] = [];
  const news: FollowNews[] = [];
  let onTold: () => void = () => {};
  const reflector = createReflector<string>({
    reader: createHttpObjectApi({ transport, fieldManager: 'quorate' }),
    type: { apiVersion: 'v1', kind: 'ConfigMap', plural: 'configmaps' },
    namespaces: options.namespaces,
    labelSelector: options.labelSelector,
    keep: (object) => object.metadata.resourceVersion,
    onChange: (change) => {
      told.push(textOf(change));
      onTold();
      options.onChange?.(change);
    },
    onNews: (each) => news.push(each),
    clock: systemClock,
    random: () => 0.5,
    pace: { ...TEST_PACE, ...options.pace },
  });
  const stop = new AbortController();
  const ended = reflector.run(stop.signal);
  t.after(async () => {
    stop.abort();
    await ended;
    await transport.close();
  });
  const watched = async (): Promise<Visit> => {
    const visit = await server.next();
    assert.equal(visit.query.get('watch'), 'true', `a watch, not ${visit.path}?${visit.query}`);
    visit.beginWatch();
    return visit;
  };
  return {
    server,
    reflector,
    told: () => told.splice(0),
    news,
    stop,
    ended,
    watched,
    listed: async (items, resourceVersion) => {
      const visit = await server.next();
      assert.equal(visit.query.get('watch'), null, `a list, not ${visit.path}?${visit.query}`);
      visit.answer(200, aPage(items, resourceVersion));
      return watched();
    },
    seen: async (name, resourceVersion) => {
      const wanted = resourceVersion === undefined ? undefined : String(resourceVersion);
      while (reflector.get('ns', name)?.value !== wanted) {
        await new Promise<void>((resolve) => {
          onTold = resolve;
        });
      }
    },
  };
}

function textOf(change: Change<string>): string {
  switch (change.kind) {
    case 'added':
      return `added ${change.key} ${change.now.value}`;
    case 'changed':
      return `changed ${change.key} ${change.old.value}→${change.now.value}`;
    case 'removed':
      return `removed ${change.key} ${change.old.value}`;
  }
}
