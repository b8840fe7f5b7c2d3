/** Somebody else's etcd: a cluster of one that goes by our names. */
import { clusterIdOf, type DataDir, type Entry, type Membership, memberIdOf } from './etcd-log.ts';
import { createDataDir, type EtcdProc, truthOf } from './etcd-state.ts';
import { peerUrl, type World } from './world.ts';

/** The node it runs on, which is none of ours. */
const FOREIGN_NODE = 29;

/** A data directory that some other cluster left behind, of a member with the URL of `ordinal`. */
export function createForeignData(world: World, ordinal: number): DataDir {
  const url = peerUrl(ordinal);
  const id = memberIdOf(url, `foreign-${world.kube.nextKey++}`);
  const member = {
    id,
    name: `sim-${ordinal}`,
    peerUrls: [url],
    clientUrls: [url.replace('2380', '2379')],
    isLearner: false,
  };
  const membership: Membership = { members: [member], voterIds: [id], removed: new Set() };
  const entry: Entry = {
    term: 1,
    index: 1,
    change: { kind: 'add', member },
    isWrite: false,
    evidence: null,
    after: membership,
    refusal: undefined,
    answer: undefined,
  };
  const dir = createDataDir(world, clusterIdOf(id), id);
  dir.log.push(entry);
  dir.term = 1;
  dir.commit = 1;
  dir.durableCommit = 1;
  dir.membership = membership;
  const truth = truthOf(world, dir.clusterId, 'foreign');
  truth.committed.push(entry);
  truth.membership = membership;
  truth.ranOn.set(id, dir.key);
  return dir;
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
