/**
 * What a cluster without controllers, nodes and agents lacks, played against a real kube-apiserver: the
 * StatefulSet controller, the garbage collector, kubelets, volumes, and quorate's agents with an etcd each.
 * Everything is driven by watches, and nothing takes any time but that of the API server, so that it is good for
 * five members and for three thousand.
 */
import { once } from 'node:events';
import { createHttpObjectApi } from '../../src/kube/http-object-api.ts';
import { createHttpTransport } from '../../src/kube/http-transport.ts';
import type { EtcdId } from '../../src/model/member.ts';
import type { Kept } from '../../src/operator/cache/object-store.ts';
import { APPLIED_KINDS } from '../../src/operator/kinds.ts';
import { createWorkQueue, type WorkQueue } from '../../src/operator/queue/work-queue.ts';
import { CLUSTER_LABEL } from '../../src/resources/labels.ts';
import { PORTS } from '../../src/resources/ports.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { claimPlayedAddresses } from './played-addresses.ts';
import type { PlayedData } from './played-agent.ts';
import { createPlayedApi, type PlayedApi } from './played-api.ts';
import type { PlayedEtcd } from './played-etcd.ts';
import { PlayedSet } from './played-set.ts';
import type { Held, PlayedFact, PlayedStage } from './played-stage.ts';
import { createPlayedViews } from './played-views.ts';
import { createPlayedVoices, type PlayedVoice } from './played-voices.ts';
import { createRealApiClient } from './real-api-server-client.ts';

export type PlayedKubernetes = AsyncDisposable & {
  /** What happened since the beginning. */
  readonly facts: readonly PlayedFact[];
  /** Resolves when it holds; asked again at each fact. */
  until(holds: () => boolean, signal: AbortSignal): Promise<void>;
  /** What volumes hold, by the UID of their claim. */
  readonly volumes: Map<string, PlayedData>;
  /** By cluster ID; also those that nobody runs now. */
  readonly etcds: Map<EtcdId, PlayedEtcd>;
  /** What an agent says, by `NAMESPACE/NAME` of its cluster and by its Pod. */
  voiceOf(cluster: string, pod: string): PlayedVoice | undefined;
  etcdOf(cluster: string, pod: string): PlayedEtcd | undefined;
  /** All agents of this cluster say the same word once more. */
  confirm(cluster: string): void;
  /**
   * From now on this does not happen, until it is let go: that a Pod ends, that its agent does anything, that
   * the controller of a set sees it, that what a cluster leaves behind is collected.
   */
  hold(cluster: string, what: Held, who: string): void;
  hold(cluster: string, what: 'garbage'): void;
  letGo(cluster: string, what: Held, who: string): void;
  letGo(cluster: string, what: 'garbage'): void;
  /** Somebody looks at this cluster again, as after a change. */
  wake(cluster: string): void;
};

export type PlayedOptions = {
  readonly server: { readonly url: string; readonly token: string; readonly ca: string };
  /** Clusters played at once. */
  readonly workers?: number;
  /** Whether nodes can pull an image; all of them unless given. */
  readonly isThere?: (image: string) => boolean;
  readonly onTrouble?: (cluster: string, error: unknown) => void;
};

/** Writes that the played controllers make at once; the API server serves others, too. */
const WORKERS = 4;

/** Plays until it is disposed of. */
export async function playKubernetes(options: PlayedOptions): Promise<PlayedKubernetes> {
  await using undo = new AsyncDisposableStack();
  const { server, isThere = () => true, onTrouble = () => {} } = options;
  const transport = createHttpTransport({
    server: server.url,
    namespace: undefined,
    read: async () => ({ headers: { authorization: `Bearer ${server.token}` }, tls: { ca: server.ca } }),
  });
  undo.defer(() => transport.close());
  const reader = createHttpObjectApi({ transport, fieldManager: 'played' });
  const api = createPlayedApi(undo.use(createRealApiClient(server)));
  const held = new Set<string>();
  const facts: PlayedFact[] = [];
  const told = new EventTarget();
  const sets = new Map<string, PlayedSet>();
  const queue: WorkQueue = createWorkQueue({
    workers: options.workers ?? WORKERS,
    clock: systemClock,
    random: Math.random,
    work: async (key) => {
      const set = sets.get(key) ?? new PlayedSet(stage, key);
      sets.set(key, set);
      return (await set.pass()) ? { kind: 'again', afterMs: 0 } : { kind: 'done' };
    },
    onNews: (news) => {
      if (news.kind === 'finished' && news.error !== undefined) {
        onTrouble(news.key, news.error);
      }
    },
  });
  const garbage: Kept<unknown>[] = [];
  const sweep = (cluster: string): void => {
    const owners = held.has(`${cluster} garbage`) ? [] : garbage.filter(({ key }) => key === cluster);
    for (const owner of owners) {
      garbage.splice(garbage.indexOf(owner), 1);
      collect(reader, api, owner).catch((error) => onTrouble(cluster, error));
    }
  };
  const views = createPlayedViews({
    reader,
    onChange: (key) => void queue.add(key),
    onOwnerGone: (owner) => {
      garbage.push(owner);
      sweep(owner.key);
    },
  });
  const stage: PlayedStage = {
    views,
    api,
    voices: undo.use(createPlayedVoices(PORTS.agent)),
    addresses: undo.use(await claimPlayedAddresses()),
    etcds: new Map(),
    volumes: new Map(),
    isHeld: (cluster, what, who) => held.has(`${cluster} ${what} ${who}`),
    isThere,
    tell: (fact) => {
      facts.push(fact);
      told.dispatchEvent(new Event('fact'));
    },
  };
  const stop = new AbortController();
  const ended = Promise.all([views.run(stop.signal), queue.run(stop.signal)]);
  undo.defer(async () => {
    stop.abort();
    await ended;
  });
  const all = undo.move();
  return {
    facts,
    until: async (holds, signal) => {
      while (!holds()) {
        await once(told, 'fact', { signal });
      }
    },
    volumes: stage.volumes,
    etcds: stage.etcds,
    voiceOf: (cluster, pod) => sets.get(cluster)?.voiceOf(pod),
    etcdOf: (cluster, pod) => sets.get(cluster)?.etcdOf(pod),
    confirm: (cluster) => sets.get(cluster)?.confirm(),
    hold: (...what: readonly string[]) => void held.add(what.join(' ')),
    letGo: (...what: readonly string[]) => {
      held.delete(what.join(' '));
      const [cluster = ''] = what;
      queue.add(cluster);
      sweep(cluster);
    },
    wake: (cluster) => void queue.add(cluster),
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

/** The garbage collector: what this owner leaves behind goes after it. */
async function collect(
  reader: Pick<ReturnType<typeof createHttpObjectApi>, 'list'>,
  api: PlayedApi,
  { key, uid }: Kept<unknown>,
): Promise<void> {
  const [namespace = '', name = ''] = key.split('/');
  const query = { namespace, labelSelector: `${CLUSTER_LABEL}=${name}`, limit: 500 };
  const signal = AbortSignal.timeout(COLLECT_MS);
  for (const type of APPLIED_KINDS) {
    for (let isLeft = true; isLeft && !signal.aborted; ) {
      const page = await reader.list(type, query, signal);
      const items = page.kind === 'done' ? page.value.items : [];
      const left = items.filter(
        ({ metadata: { ownerReferences = [], deletionTimestamp } }) =>
          // Another owner that is there keeps it (`attemptToDeleteItem`).
          deletionTimestamp === undefined &&
          ownerReferences.length > 0 &&
          ownerReferences.every((owner) => owner.uid === uid),
      );
      for (const { metadata } of left) {
        await api.collect(type, { namespace, name: metadata.name }, metadata);
      }
      // One that was changed meanwhile is looked at again: it may have found another owner.
      isLeft = left.length > 0;
    }
  }
}

const COLLECT_MS = 30_000;
