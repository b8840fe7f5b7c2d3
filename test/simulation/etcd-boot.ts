/** How an etcd process comes up: with a WAL, as the first member of a cluster, or joining one. */
import type { EtcdId } from '../../src/model/member.ts';
import { note, schedule } from './base-world.ts';
import { startSoon } from './etcd-election.ts';
import { clusterIdOf, type DataDir, type Entry, type Membership, memberIdOf } from './etcd-log.ts';
import { keepPublishing } from './etcd-publish.ts';
import { applyUpTo } from './etcd-replication.ts';
import {
  createDataDir,
  type Disk,
  disturb,
  type EtcdBoot,
  type EtcdProc,
  type EtcdWorld,
  procAt,
  truthOf,
} from './etcd-state.ts';
import { canDial } from './network.ts';

/** How the configuration tells etcd to start; with a WAL on the disk it does not matter. */
export type EtcdStart =
  | { readonly kind: 'resume' }
  | { readonly kind: 'seed'; readonly token: string }
  | { readonly kind: 'join'; readonly peerUrls: readonly string[] };

/** Where a process runs. */
export type EtcdPlace = {
  readonly ordinal: number;
  readonly address: number;
  readonly node: number;
  readonly disk: Disk;
  readonly maxLearners: number;
  readonly peerUrl: string;
  readonly ordinalOf: (peerUrl: string) => number | undefined;
  readonly onServing: (proc: EtcdProc) => void;
  readonly onExit: (code: number, why: string) => void;
};

/** Measured on bare processes, ms. */
const START_MS_MIN = 15;
const START_MS_MAX = 120;
/** GET /members of a peer that accepts and is silent (3.5–3.7). */
const SILENT_LIST_MS = 10_000;
/** GET /version of one (3.6 and 3.7; 3.5 waits for ever). */
const SILENT_VERSION_MS = 7_000;
/** All names together. */
const UNRESOLVED_MS = 30_000;
const RECHECK_MS = 500;

/** Starts a process; it serves, or exits, later. */
export function bootEtcd(world: EtcdWorld, place: EtcdPlace, start: EtcdStart): EtcdBoot {
  const boot: EtcdBoot = { address: place.address, node: place.node, isAlive: true, isPaused: false };
  world.etcd.boots.push(boot);
  later(world, boot, world.random.between(START_MS_MIN, START_MS_MAX), () => {
    const { data } = place.disk;
    if (data !== null) {
      restart(world, place, boot, data);
    } else if (start.kind === 'seed') {
      bootstrap(world, place, boot, start.token);
    } else {
      fetchMembers(world, place, boot, start.kind === 'join' ? start.peerUrls : []);
    }
  });
  return boot;
}

/** Ends a process that does not serve yet. */
export function endBoot(world: EtcdWorld, boot: EtcdBoot): void {
  boot.isAlive = false;
  const position = world.etcd.boots.indexOf(boot);
  if (position >= 0) {
    world.etcd.boots.splice(position, 1);
  }
}

function later(world: EtcdWorld, boot: EtcdBoot, delayMs: number, run: () => void): void {
  schedule(world, delayMs, 'etcd boots', () => {
    if (boot.isAlive && boot.isPaused) {
      later(world, boot, RECHECK_MS, run);
    } else if (boot.isAlive) {
      run();
    }
  });
}

function fail(world: EtcdWorld, place: EtcdPlace, boot: EtcdBoot, why: string): void {
  note(world, () => `m${place.ordinal} etcd exits 1: ${why}`);
  endBoot(world, boot);
  place.onExit(1, why);
}

function restart(world: EtcdWorld, place: EtcdPlace, boot: EtcdBoot, data: DataDir): void {
  if (place.disk.data !== data) {
    fail(world, place, boot, 'the data is gone');
    return;
  }
  if (data.damage === 'too-old' && world.etcd.minor < 7) {
    data.damage = 'none';
  }
  if (data.damage !== 'none') {
    fail(world, place, boot, 'the data cannot be read');
    return;
  }
  if (data.membership.removed.has(data.memberId)) {
    note(world, () => `m${place.ordinal} etcd exits 0: permanently removed`);
    endBoot(world, boot);
    place.onExit(0, 'permanently removed');
    return;
  }
  if (world.etcd.procs.some((other) => other.dir === data)) {
    // The second process on one directory waits for the lock without a word (L23).
    later(world, boot, RECHECK_MS, () => restart(world, place, boot, data));
    return;
  }
  serve(world, place, boot, data);
}

function bootstrap(world: EtcdWorld, place: EtcdPlace, boot: EtcdBoot, token: string): void {
  const memberId = memberIdOf(place.peerUrl, token);
  const clusterId = clusterIdOf(memberId);
  world.etcd.clusters.delete(clusterId);
  const dir = createDataDir(world, clusterId, memberId);
  truthOf(world, clusterId, token).ranOn.set(memberId, dir.key);
  const member = { id: memberId, name: '', peerUrls: [place.peerUrl], clientUrls: [], isLearner: false };
  const first: Entry = {
    term: 1,
    index: 1,
    change: { kind: 'add', member },
    isWrite: false,
    evidence: null,
    after: undefined,
    refusal: undefined,
    answer: undefined,
  };
  dir.log.push(first);
  dir.term = 1;
  place.disk.data = dir;
  const proc = serve(world, place, boot, dir);
  applyUpTo(world, proc, 1);
  dir.durableCommit = 1;
  startSoon(world, proc);
}

/** GET /members of the listed peers, one after another; the first that answers is believed. */
function fetchMembers(world: EtcdWorld, place: EtcdPlace, boot: EtcdBoot, peerUrls: readonly string[]): void {
  let waitedMs = 0;
  for (const peerUrl of peerUrls.toSorted()) {
    const peer = peerUrl === place.peerUrl ? 'refuses' : dialPeer(world, place, peerUrl);
    if (typeof peer === 'object') {
      const { dir } = peer;
      const { membership, clusterId } = dir;
      later(world, boot, waitedMs + 5, () => validate(world, place, boot, membership, clusterId, peerUrls));
      return;
    }
    waitedMs += peer === 'silent' ? SILENT_LIST_MS : 0;
  }
  later(world, boot, waitedMs, () => fail(world, place, boot, 'cannot fetch cluster info from peer urls'));
}

/** `ValidateClusterAndAssignIDs`: the lists must agree in number and URLs; the own URL gives the ID. */
function validate(
  world: EtcdWorld,
  place: EtcdPlace,
  boot: EtcdBoot,
  listed: Membership,
  clusterId: EtcdId,
  peerUrls: readonly string[],
): void {
  const self = selfAmong(world, place, listed, peerUrls);
  const learners = listed.members.length - listed.voterIds.length;
  if (listed.members.length !== peerUrls.length) {
    fail(world, place, boot, 'error validating peerURLs: member count is unequal');
  } else if (self === 'panic') {
    fail(world, place, boot, 'panic: nil pointer');
  } else if (
    self === undefined ||
    listed.members.some(({ peerUrls: [url = ''] }) => !peerUrls.includes(url))
  ) {
    fail(world, place, boot, 'error validating peerURLs: no match found for existing member');
  } else if (learners > place.maxLearners) {
    fail(world, place, boot, 'membership: too many learner members in cluster');
  } else {
    const others = peerUrls.filter((url) => url !== place.peerUrl);
    askVersions(world, place, boot, others, () => {
      const dir = createDataDir(world, clusterId, self.id);
      place.disk.data = dir;
      const { ranOn } = truthOf(world, clusterId);
      ranOn.set(self.id, ranOn.get(self.id) ?? dir.key);
      serve(world, place, boot, dir);
    });
  }
}

/**
 * The listed member whose ID this process takes. URLs that differ but lead to one address count as equal,
 * so a name that leads astray gives it somebody else's ID or none at all (L13, `URLStringsEqual`).
 */
function selfAmong(
  world: EtcdWorld,
  place: EtcdPlace,
  listed: Membership,
  peerUrls: readonly string[],
): Membership['members'][number] | 'panic' | undefined {
  const own = listed.members.find((member) => member.peerUrls[0] === place.peerUrl);
  const isTwin = (url: string): boolean =>
    url !== place.peerUrl && leadsTo(world, place, url) === place.address;
  const twin = peerUrls.find(isTwin);
  if (own === undefined || twin === undefined || leadsTo(world, place, place.peerUrl) !== place.address) {
    return own;
  }
  return place.peerUrl < twin ? listed.members.find((member) => member.peerUrls[0] === twin) : 'panic';
}

function leadsTo(world: EtcdWorld, place: EtcdPlace, peerUrl: string): number | undefined {
  const ordinal = place.ordinalOf(peerUrl);
  return ordinal === undefined ? undefined : world.addressOf(place.node, ordinal);
}

/** GET /version of every listed member, one after another. */
function askVersions(
  world: EtcdWorld,
  place: EtcdPlace,
  boot: EtcdBoot,
  peerUrls: readonly string[],
  done: () => void,
): void {
  const [first, ...rest] = peerUrls;
  if (first === undefined) {
    done();
    return;
  }
  const peer = dialPeer(world, place, first);
  const next = (): void => askVersions(world, place, boot, rest, done);
  if (peer === 'unresolved') {
    later(world, boot, UNRESOLVED_MS, next);
  } else if (peer === 'silent' && world.etcd.minor < 6) {
    later(world, boot, RECHECK_MS, () => askVersions(world, place, boot, peerUrls, done));
  } else if (peer === 'silent') {
    later(world, boot, SILENT_VERSION_MS, next);
  } else {
    next();
  }
}

/** What a dial of a peer port finds: a process that serves, or how it fails. */
function dialPeer(
  world: EtcdWorld,
  place: EtcdPlace,
  peerUrl: string,
): EtcdProc | 'refuses' | 'silent' | 'unresolved' {
  const address = leadsTo(world, place, peerUrl);
  if (address === undefined) {
    return 'unresolved';
  }
  const proc = procAt(world, address);
  if (proc !== undefined) {
    return proc.isPaused || !canDial(world.network, place.node, proc.node) ? 'silent' : proc;
  }
  return world.etcd.boots.some((boot) => boot.address === address) ? 'silent' : 'refuses';
}

function serve(world: EtcdWorld, place: EtcdPlace, boot: EtcdBoot, dir: DataDir): EtcdProc {
  endBoot(world, boot);
  const proc: EtcdProc = {
    key: world.etcd.nextKey++,
    ordinal: place.ordinal,
    address: place.address,
    node: place.node,
    dir,
    id: dir.memberId,
    maxLearners: place.maxLearners,
    linkedSinceMs: world.nowMs,
    isAlive: true,
    isPaused: false,
    isClientOpen: false,
    isLeader: false,
    leaderId: null,
    match: new Map(),
    inactiveSinceMs: new Map(),
    pendingChange: 0,
    termStart: 0,
    isTimerArmed: false,
    isReplicationArmed: false,
    isSnapshotFed: false,
    isLeaving: false,
    onExit: place.onExit,
  };
  note(world, () => `m${place.ordinal} etcd serves as ${dir.memberId} of ${dir.clusterId}`);
  world.etcd.procs.push(proc);
  disturb(world);
  place.onServing(proc);
  keepPublishing(world, proc, place.peerUrl);
  return proc;
}
