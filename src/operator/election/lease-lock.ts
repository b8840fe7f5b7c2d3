import type { LiveObject } from '../../kube/kube-object.ts';
import type { RecordKeeper } from '../../kube/object-api.ts';
import { failureText, type Outcome } from '../../kube/outcome.ts';
import type { Clock } from '../../runtime/clock.ts';
import { LEASE, type LeaseRecord, microTime, readLease, writeLease } from './lease-record.ts';

export type LeaseLockOptions = {
  readonly leases: RecordKeeper;
  readonly namespace: string;
  readonly name: string;
  /** Unlike that of every other process, also of an earlier one of the same Pod. */
  readonly identity: string;
  readonly durationMs: number;
  readonly clock: Clock;
};

/** How an attempt to take or to renew the Lease went. */
export type Attempt =
  | { readonly kind: 'held' }
  | { readonly kind: 'held-by-another'; readonly holder: string }
  /** Nothing is known, or nothing could be written. */
  | { readonly kind: 'failed'; readonly why: string };

/**
 * One Lease as a lock, by client-go's rules (0.35, leaderelection.go `tryAcquireOrRenew`): another's Lease may
 * be taken when it has not changed for its duration *since we saw it change, by our own clock*; writes carry
 * the version that was read, so that of several only one succeeds.
 */
export class LeaseLock {
  readonly #options: LeaseLockOptions;
  #seen: { readonly lease: LiveObject; readonly record: LeaseRecord; readonly atMs: number } | undefined;

  constructor(options: LeaseLockOptions) {
    this.#options = options;
  }

  /** Who holds it, as far as we have seen; undefined before anything was seen, empty if nobody does. */
  holder(): string | undefined {
    return this.#seen?.record.holder;
  }

  /** Takes it if it is free or has run out, renews it if it is ours. */
  async hold(signal: AbortSignal): Promise<Attempt> {
    if (this.#isOurs() && this.#isFresh() && (await this.#write(this.#ours(), signal)).kind === 'held') {
      return { kind: 'held' };
    }
    const failure = await this.#look(signal);
    if (failure !== undefined) {
      return failure;
    }
    const holder = this.holder() ?? '';
    return holder !== '' && !this.#isOurs() && this.#isFresh()
      ? { kind: 'held-by-another', holder }
      : this.#write(this.#ours(), signal);
  }

  /** Gives it back so that others need not wait; if it is not ours any more, or nobody answers, nothing. */
  async release(signal: AbortSignal): Promise<void> {
    if ((await this.#look(signal)) === undefined && this.#isOurs()) {
      await this.#write({ ...this.#ours(), holder: '', durationSeconds: 1 }, signal);
    }
  }

  #isOurs(): boolean {
    return this.#seen?.record.holder === this.#options.identity;
  }

  #isFresh(): boolean {
    const seen = this.#seen;
    return (
      seen !== undefined && this.#options.clock.nowMs() < seen.atMs + seen.record.durationSeconds * 1_000
    );
  }

  #ours(): LeaseRecord {
    const { identity, durationMs, clock } = this.#options;
    const now = microTime(clock.timestamp());
    const last = this.#seen?.record;
    const isOurs = this.#isOurs();
    return {
      holder: identity,
      durationSeconds: durationMs / 1_000,
      acquireTime: isOurs ? (last?.acquireTime ?? now) : now,
      renewTime: now,
      transitions: last === undefined || isOurs ? (last?.transitions ?? 0) : last.transitions + 1,
    };
  }

  /** Reads it; undefined when what there is to know is known. */
  async #look(signal: AbortSignal): Promise<Attempt | undefined> {
    const { leases, namespace, name } = this.#options;
    const read = await leases.read(LEASE, { namespace, name }, signal);
    if (read.kind === 'not-found') {
      this.#seen = undefined;
      return undefined;
    }
    return read.kind === 'done' ? this.#see(read.value) : { kind: 'failed', why: failureText(read) };
  }

  async #write(record: LeaseRecord, signal: AbortSignal): Promise<Attempt> {
    const { leases, namespace, name } = this.#options;
    const previous = this.#seen?.lease;
    const lease = writeLease({ namespace, name }, record, previous);
    const written: Outcome<LiveObject> =
      previous === undefined
        ? await leases.create(LEASE, lease, signal)
        : await leases.update(LEASE, lease, signal);
    if (written.kind !== 'done') {
      return { kind: 'failed', why: failureText(written) };
    }
    return this.#see(written.value) ?? { kind: 'held' };
  }

  /** A change begins the wait anew, whatever its times say; the same record seen again does not. */
  #see(lease: LiveObject): Attempt | undefined {
    const record = readLease(lease);
    if (record === undefined) {
      return { kind: 'failed', why: `the Lease ${this.#options.name} makes no sense` };
    }
    const last = this.#seen;
    const isSame = last !== undefined && JSON.stringify(last.record) === JSON.stringify(record);
    this.#seen = { lease, record, atMs: isSame ? last.atMs : this.#options.clock.nowMs() };
    return undefined;
  }
}
