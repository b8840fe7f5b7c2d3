/**
 * An etcd ID (member or cluster): lower-case hexadecimal without leading zeros, as etcd logs print it
 * and as the header `X-Etcd-Cluster-ID` carries it. IDs are unsigned 64-bit, so never a `number`.
 */
export type EtcdId = string & { readonly brand: 'EtcdId' };

const HEXADECIMAL_ID = /^[0-9a-f]{1,16}$/i;
const DECIMAL_ID = /^[0-9]{1,20}$/;

/** The ID written in hexadecimal `text`; undefined when it is none. Zero is etcd's "no such member". */
export function etcdIdOfHex(text: string): EtcdId | undefined {
  return HEXADECIMAL_ID.test(text) ? idOf(BigInt(`0x${text}`)) : undefined;
}

/** The ID written in decimal `text`, as gRPC's JSON form of uint64 is. */
export function etcdIdOfDecimal(text: string): EtcdId | undefined {
  return DECIMAL_ID.test(text) ? idOf(BigInt(text)) : undefined;
}

/** The ID of an unsigned 64-bit integer, as the WAL's metadata record carries it. */
export function etcdIdOfInteger(value: bigint): EtcdId | undefined {
  return idOf(value);
}

/** The decimal form that etcd's gRPC API wants. */
export function decimalOf(id: EtcdId): string {
  return BigInt(`0x${id}`).toString(10);
}

function idOf(value: bigint): EtcdId | undefined {
  return value > 0n && value < 2n ** 64n ? (value.toString(16) as EtcdId) : undefined;
}

/** One entry of etcd's member list. */
export type Member = {
  readonly id: EtcdId;
  /** Empty until the member has started for the first time and published itself. */
  readonly name: string;
  readonly peerUrls: readonly string[];
  readonly clientUrls: readonly string[];
  readonly isLearner: boolean;
};

/** A member is started once it has published its name; until then only its registration exists. */
export function isStarted(member: Member): boolean {
  return member.name !== '';
}

/** The members that vote. */
export function votersOf<M extends Member>(members: readonly M[]): readonly M[] {
  return members.filter((member) => !member.isLearner);
}

/** The members that only replicate. */
export function learnersOf<M extends Member>(members: readonly M[]): readonly M[] {
  return members.filter((member) => member.isLearner);
}

/** How many voters must agree (raft): a majority of `votersTotal`. */
export function quorumOf(votersTotal: number): number {
  return Math.floor(votersTotal / 2) + 1;
}
