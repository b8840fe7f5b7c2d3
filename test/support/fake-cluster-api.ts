import type { ClusterApi } from '../../src/kube/cluster-api.ts';
import { formatFormationRecord, parseFormationRecord } from '../../src/model/formation-record.ts';
import { type Known, known, unknown } from '../../src/model/known.ts';
import type { SiblingPod } from '../../src/model/sibling.ts';
import { UID, unformed } from './a-member-view.ts';

/** Kubernetes in memory. It obeys the contract of `ClusterApi` as the real one does. */
export type FakeClusterApi = {
  readonly api: ClusterApi;
  readonly scale: (replicas: number) => void;
  readonly deleteSet: () => void;
  readonly removeRecord: () => void;
  readonly writeRecord: (text: string) => void;
  readonly recordText: () => string | undefined;
  readonly putPod: (name: string, uid: string, address: string) => void;
  readonly deletePod: (uid: string) => void;
  readonly removePod: (name: string) => void;
  readonly fail: (how: Failure) => void;
  /** Every call made so far, such as `readPod demo-1`. */
  readonly calls: string[];
};

type Failure = 'unreachable' | 'unavailable' | 'lose-acks' | 'not-at-all';
type Pod = Extract<SiblingPod, { kind: 'present' }>;

/** A set of size 3 with an Unformed record and no Pods. */
export function aFakeClusterApi(): FakeClusterApi {
  const set = { uid: UID, replicas: 3, deleting: false };
  const pods = new Map<string, Pod>();
  const calls: string[] = [];
  let record: { text: string; version: number } | undefined = {
    text: formatFormationRecord(unformed()),
    version: 1,
  };
  let failure: Failure = 'not-at-all';
  let versions = 1;
  const write = (text: string): void => {
    versions += 1;
    record = { text, version: versions };
  };
  /** Why no answer comes back; undefined when one does. */
  const trouble = (signal: AbortSignal): Known<never> | undefined => {
    if (signal.aborted) {
      return unknown('the API server gave no answer (given up)');
    }
    switch (failure) {
      case 'unreachable':
        return unknown('the API server refuses connections');
      case 'unavailable':
        return unknown('the API server answered 503');
      default:
        return undefined;
    }
  };
  const api: ClusterApi = {
    readWantedSet: async (signal) => {
      calls.push('readWantedSet');
      return trouble(signal) ?? known({ ...set }, 0);
    },
    readRecord: async (signal) => {
      calls.push('readRecord');
      const missing = trouble(signal);
      if (missing !== undefined || record === undefined) {
        return missing ?? known('absent' as const, 0);
      }
      const parsed = parseFormationRecord(record.text);
      return 'invalid' in parsed
        ? unknown(`the formation record does not parse (${parsed.invalid})`)
        : known({ record: parsed, resourceVersion: String(record.version) }, 0);
    },
    swapRecord: async (next, resourceVersion, signal) => {
      calls.push(`swapRecord ${next.phase}`);
      if (trouble(signal) !== undefined || record === undefined) {
        return 'unknown';
      }
      if (String(record.version) !== resourceVersion) {
        return 'conflict';
      }
      write(formatFormationRecord(next));
      return failure === 'lose-acks' ? 'unknown' : 'written';
    },
    readPod: async (name, signal) => {
      calls.push(`readPod ${name}`);
      return trouble(signal) ?? known<SiblingPod>(pods.get(name) ?? { kind: 'absent' }, 0);
    },
  };
  return {
    api,
    calls,
    scale: (replicas) => {
      set.replicas = replicas;
    },
    deleteSet: () => {
      set.deleting = true;
    },
    removeRecord: () => {
      record = undefined;
    },
    writeRecord: write,
    recordText: () => record?.text,
    putPod: (name, podUid, address) =>
      void pods.set(name, { kind: 'present', podUid, address, running: address !== '', deleting: false }),
    deletePod: (uid) => {
      for (const [name, pod] of pods) {
        if (pod.podUid === uid) {
          pods.set(name, { ...pod, deleting: true });
        }
      }
    },
    removePod: (name) => void pods.delete(name),
    fail: (how) => {
      failure = how;
    },
  };
}
