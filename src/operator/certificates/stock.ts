/** What lies in the Secrets of a cluster, all of one look. */
import { createHash } from 'node:crypto';
import type { LiveObject } from '../../kube/kube-object.ts';
import type { AgentStatus } from '../../model/agent-status.ts';
import type { LeafName, Side } from '../../model/certificates.ts';
import type { ObjectNames } from '../../resources/names.ts';
import { type Authorities, trustBundleOf, withKeyOf } from './authorities.ts';
import type { MembersWord } from './authority-plan.ts';
import { GIVEN_SIDES } from './given-certificates.ts';
import type { StoredSides } from './given-trust.ts';
import { membersWord } from './members-word.ts';
import { pairOf, readAuthorities, withoutKey } from './secret-contents.ts';
import type { SecretShelf } from './secret-shelf.ts';
import type { Provided } from './source-reader.ts';
import type { LeafWish } from './wanted-leaves.ts';

export type Stock = {
  /** The Secret of the authorities. */
  readonly secret: LiveObject | undefined;
  /** Undefined where nothing is known of any. */
  readonly authorities: Authorities | undefined;
  readonly leaves: ReadonlyMap<LeafName, LiveObject>;
};

/** The sides of a member on which certificates are shown; users' are shown by nobody here. */
const SIDE_OF: ReadonlyMap<LeafName, Side> = new Map([
  ['server', 'client'],
  ['peer', 'peer'],
  ['agent', 'agent'],
]);

/** Reads all Secrets of the cluster. @throws ObstacleError */
export async function takeStock(
  shelf: SecretShelf,
  names: ObjectNames,
  wishes: readonly LeafWish[],
  provided: Provided,
  signal: AbortSignal,
): Promise<Stock> {
  const secret = await shelf.read(names.caSecret, signal);
  const found = await Promise.all(
    wishes.map(async ({ name, secret: its }) => [name, await shelf.read(its, signal)] as const),
  );
  const leaves = new Map(found.flatMap(([name, its]) => (its === undefined ? [] : [[name, its]])));
  const authorities = secret === undefined ? withoutKey(leaves) : readAuthorities(secret);
  return {
    secret,
    leaves,
    authorities:
      authorities !== undefined && provided.kind === 'authority'
        ? withKeyOf(authorities, provided.pair)
        : authorities,
  };
}

/** What members could show with what is stored. */
export function storedSides({ leaves }: Stock): StoredSides {
  return { server: pairOf(leaves.get('server')), peer: pairOf(leaves.get('peer')) };
}

/** Whether members can go on with what is stored. */
export function hasAllSides(stock: Stock): boolean {
  const sides = storedSides(stock);
  return stock.authorities !== undefined && GIVEN_SIDES.every((side) => sides[side] !== undefined);
}

/** What members say of what is stored. */
export function wordOf(
  statuses: readonly (AgentStatus | undefined)[],
  { authorities, leaves }: Stock,
): MembersWord {
  if (authorities === undefined) {
    return { isTrustLoaded: 'unknown', areLeavesTaken: 'unknown' };
  }
  const digests = [...leaves].flatMap(([name, secret]) => {
    const [side, pair] = [SIDE_OF.get(name), pairOf(secret)];
    return side === undefined || pair === undefined ? [] : [[side, digestOf(pair.certificate)] as const];
  });
  return membersWord(statuses, { trust: trustDigestsOf(authorities), leaves: new Map(digests) });
}

/** SHA-256 of the authorities that each side is to trust, as hex. */
export function trustDigestsOf(authorities: Authorities): Readonly<Record<Side, string>> {
  return {
    client: digestOf(trustBundleOf(authorities, 'client')),
    peer: digestOf(trustBundleOf(authorities, 'peer')),
    agent: digestOf(trustBundleOf(authorities, 'agent')),
  };
}

/** As agents take it of the files in a Pod: SHA-256, as hex. */
function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
