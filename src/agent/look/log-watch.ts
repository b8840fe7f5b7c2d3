import { isLogToBeNoted } from '../../decide/log-note.ts';
import { isLogInQuestion } from '../../decide/old-log.ts';
import type { PeerHttp } from '../../etcd/peer-http.ts';
import type { LogTail } from '../../model/log-tail.ts';
import type { MemberView } from '../../model/member-view.ts';
import { peerUrlOf } from '../../model/naming.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { VolumeStore } from '../../volume/volume-store.ts';

export type LogWatchDeps = {
  readonly volume: VolumeStore;
  readonly peers: PeerHttp;
  readonly clock: Clock;
};

/** A log that is not clean yet while etcd runs only gets so by a snapshot, which may take hours. */
const READ_AGAIN_MS = 60_000;

type Finding = Pick<MemberView, 'log' | 'clusterMinor'>;

/** What was found, and for which wait or run of etcd. */
type Found = { readonly finding: Finding; readonly phase: string; readonly readAtMs: number };

const NOTHING: Finding = { log: { kind: 'unread' }, clusterMinor: null };

/** Reads the log where something depends on it, and no more often than it can have changed. */
export class LogWatch {
  readonly #deps: LogWatchDeps;
  #found: Found | undefined;

  constructor(deps: LogWatchDeps) {
    this.#deps = deps;
  }

  /** What `decide` has to know of the log, given the local facts of `view`. */
  async look(view: MemberView, confirming: boolean, signal: AbortSignal): Promise<Finding> {
    if (isLogInQuestion(view)) {
      return this.#lookAtGate(view, confirming, signal);
    }
    if (isLogToBeNoted(view)) {
      return this.#lookWhileRunning(view, signal);
    }
    this.#found = undefined;
    return NOTHING;
  }

  /** Nobody writes to the log until the gate is answered, so one reading lasts until something is confirmed. */
  async #lookAtGate(view: MemberView, confirming: boolean, signal: AbortSignal): Promise<Finding> {
    const before = confirming ? undefined : this.#foundOf(view);
    return before?.finding ?? this.#note(view, await this.#read(view, signal), null);
  }

  /** The log is read only once the cluster version is high enough: before, old entries may still come. */
  async #lookWhileRunning(view: MemberView, signal: AbortSignal): Promise<Finding> {
    const { minor } = view.self.etcdVersion;
    const before = this.#foundOf(view);
    if (before !== undefined && this.#deps.clock.nowMs() - before.readAtMs < READ_AGAIN_MS) {
      return before.finding;
    }
    const { names, ordinal } = view.self;
    const version = await this.#deps.peers.clusterVersion(peerUrlOf(names, ordinal), signal);
    const clusterMinor = version?.minor ?? null;
    return clusterMinor === null || clusterMinor < minor
      ? { ...NOTHING, clusterMinor }
      : this.#note(view, await this.#read(view, signal), clusterMinor);
  }

  #foundOf(view: MemberView): Found | undefined {
    return this.#found?.phase === phaseOf(view) ? this.#found : undefined;
  }

  #read(view: MemberView, signal: AbortSignal): Promise<LogTail> {
    return this.#deps.volume.readLog(view.self.etcdVersion.minor, signal);
  }

  #note(view: MemberView, log: LogTail, clusterMinor: number | null): Finding {
    const finding = { log, clusterMinor };
    this.#found = { finding, phase: phaseOf(view), readAtMs: this.#deps.clock.nowMs() };
    return finding;
  }
}

function phaseOf({ etcd }: MemberView): string {
  return `${etcd.kind} ${'sinceMs' in etcd ? etcd.sinceMs : ''}`;
}
