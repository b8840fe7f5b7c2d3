/** Somebody else's etcd: a cluster of one that goes by our names. */
import {
  clusterIdOf,
  type DataDir,
  type Entry,
  type Membership,
  memberIdOf,
  NO_MEMBERS,
} from './etcd-log.ts';
import { createDataDir, type EtcdProc, truthOf } from './etcd-state.ts';
import { peerUrl, type World } from './world.ts';

/** The node it runs on, which is none of ours. */
const FOREIGN_NODE = 29;

/** A data directory that some other cluster left behind, of a member with the URL of `ordinal`. */
export function createForeignData(world: World, ordinal: number): DataDir {
  return createLoneData(world, peerUrl(ordinal), `sim-${ordinal}`, 0);
}

/** What a plain etcd left behind that ran alone, as it is advertised unless it is told better. */
export function createPlainData(world: World): DataDir {
  return createLoneData(world, 'http://localhost:2380', 'default', PLAIN_WRITES);
}

/** Acknowledged before it was adopted. */
const PLAIN_WRITES = 20;

function createLoneData(world: World, url: string, name: string, writes: number): DataDir {
  const id = memberIdOf(url, `foreign-${world.kube.nextKey++}`);
  const clientUrls = [url.replace('2380', '2379')];
  const member = { id, name, peerUrls: [url], clientUrls, isLearner: false };
  const membership: Membership = { ...NO_MEMBERS, members: [member], voterIds: [id] };
  const dir = createDataDir(world, clusterIdOf(id), id);
  dir.log.push({ ...entryAt(1), change: { kind: 'add', member }, after: membership });
  for (let index = 2; index <= writes + 1; index++) {
    dir.log.push({ ...entryAt(index), isWrite: true });
  }
  dir.term = 1;
  dir.commit = dir.log.length;
  dir.durableCommit = dir.log.length;
  dir.membership = membership;
  const truth = truthOf(world, dir.clusterId, 'foreign');
  truth.committed.push(...dir.log);
  truth.membership = membership;
  truth.ranOn.set(id, dir.key);
  return dir;
}

function entryAt(index: number): Entry {
  return {
    term: 1,
    index,
    change: null,
    isWrite: false,
    evidence: null,
    after: undefined,
    refusal: undefined,
    answer: undefined,
  };
}

/** A member of that cluster, up and leading, at an address that DNS may be led to. */
export function addForeignMember(world: World, ordinal: number): EtcdProc {
  const dir = createForeignData(world, ordinal);
  const proc: EtcdProc = {
    key: world.etcd.nextKey++,
    ordinal,
    address: world.kube.nextKey++,
    node: FOREIGN_NODE,
    dir,
    id: dir.memberId,
    maxLearners: 8,
    linkedSinceMs: world.nowMs,
    isAlive: true,
    isPaused: false,
    isClientOpen: true,
    isLeader: true,
    leaderId: dir.memberId,
    match: new Map(),
    inactiveSinceMs: new Map(),
    pendingChange: 0,
    termStart: 0,
    isTimerArmed: false,
    isReplicationArmed: false,
    isSnapshotFed: false,
    isLeaving: false,
    onExit: () => {},
  };
  world.etcd.procs.push(proc);
  return proc;
}
