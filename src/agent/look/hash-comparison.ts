import { hashVerdictOf } from '../../etcd/hash-verdict.ts';
import type { MaintenanceApi } from '../../etcd/member-api.ts';
import type { HashCheck } from '../../model/member-view.ts';
import type { Clock } from '../../runtime/clock.ts';

export type HashComparisonDeps = {
  readonly maintenance: MaintenanceApi;
  readonly clock: Clock;
  /** Called when a comparison has ended. */
  readonly onEnd: () => void;
};

/**
 * Compares what voters hold, beside the loop: hashing may take a minute, and a voter that was cut off is waited
 * for as long, while the loop has to look and to say what it sees. At most one comparison is under way.
 */
export class HashComparison {
  readonly #deps: HashComparisonDeps;
  #check: HashCheck;
  #underWay: AbortController | undefined;

  constructor(deps: HashComparisonDeps) {
    this.#deps = deps;
    this.#check = this.#checkOf('', 'unknown');
  }

  /** What the latest comparison said, or that it is under way; a fact for the next view. */
  get check(): HashCheck {
    return this.#check;
  }

  /** Begins to compare the voters under `clientUrls`, whom `membershipKey` names; one under way is given up. */
  start(membershipKey: string, clientUrls: readonly string[], signal: AbortSignal): void {
    this.#underWay?.abort();
    const comparing = new AbortController();
    this.#underWay = comparing;
    this.#check = this.#checkOf(membershipKey, 'under-way');
    const asking = AbortSignal.any([signal, comparing.signal]);
    void compareHashes(this.#deps.maintenance, clientUrls, asking)
      .catch((): HashCheck['verdict'] => 'unknown')
      .then((verdict) => {
        if (this.#underWay === comparing) {
          this.#end(membershipKey, verdict);
        }
      });
  }

  /** Gives up a comparison that nobody needs any more, as if it had never begun. */
  abandon(): void {
    if (this.#underWay !== undefined) {
      this.#underWay.abort();
      this.#end('', 'unknown');
    }
  }

  #end(membershipKey: string, verdict: HashCheck['verdict']): void {
    this.#underWay = undefined;
    this.#check = this.#checkOf(membershipKey, verdict);
    this.#deps.onEnd();
  }

  #checkOf(membershipKey: string, verdict: HashCheck['verdict']): HashCheck {
    return { membershipKey, verdict, checkedAtMs: this.#deps.clock.nowMs() };
  }
}

/**
 * Compares what the voters under `clientUrls` hold, at one revision all of them have (F20): the lowest
 * of their latest. Voters compacted at different revisions cannot be compared and are `unknown`.
 */
export async function compareHashes(
  maintenance: MaintenanceApi,
  clientUrls: readonly string[],
  signal: AbortSignal,
): Promise<'equal' | 'unequal' | 'unknown'> {
  const latest = await Promise.all(clientUrls.map((url) => maintenance.hashKv(url, 0n, signal)));
  const revisions = latest.flatMap((answer) => (answer.kind === 'answered' ? [answer.value.revision] : []));
  const lowest = revisions.toSorted((a, b) => Number(a - b))[0];
  if (lowest === undefined || revisions.length < clientUrls.length) {
    return 'unknown';
  }
  const hashes = await Promise.all(clientUrls.map((url) => maintenance.hashKv(url, lowest, signal)));
  const known = hashes.flatMap((answer) => (answer.kind === 'answered' ? [answer.value] : []));
  return known.length < clientUrls.length ? 'unknown' : hashVerdictOf(known);
}
