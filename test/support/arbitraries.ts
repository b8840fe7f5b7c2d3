/** What properties are held against. */
import fc from 'fast-check';
import type { FormationRecord } from '../../src/model/formation-record.ts';
import { type EtcdId, etcdIdOfHex, etcdIdOfInteger } from '../../src/model/member.ts';
import { id } from './a-member-view.ts';

/** Any etcd ID, those beyond the integers of a double included. */
export const anEtcdId: fc.Arbitrary<EtcdId> = fc
  .bigInt({ min: 1n, max: 2n ** 64n - 1n })
  .map((value) => etcdIdOfInteger(value) ?? id('1'));

/** Objects as JSON.parse makes them. */
const PLAIN = { noNullPrototype: true } as const;

const base = {
  clusterUid: fc.string({ minLength: 1 }),
  generation: fc.integer({ min: 1 }),
  maxLearners: fc.integer({ min: 1 }),
};

/** Any formation record. */
export const aRecord: fc.Arbitrary<FormationRecord> = fc.oneof(
  fc.record({ ...base, phase: fc.constant('Unformed' as const) }),
  fc.record({ ...base, phase: fc.constant('Unformed' as const), discarding: fc.constant(true as const) }),
  fc.record({
    ...base,
    phase: fc.constant('Forming' as const),
    seed: fc.record(
      {
        ordinal: fc.nat(),
        podUid: fc.string(),
        volumeId: fc.string(),
        attempt: fc.integer({ min: 1 }),
      },
      PLAIN,
    ),
  }),
  fc.record({ ...base, phase: fc.constant('Formed' as const), clusterId: anEtcdId }),
  fc.record({
    ...base,
    phase: fc.constant('Blocked' as const),
    reason: fc.constant('ForeignData' as const),
    message: fc.string(),
  }),
);

/** Any JSON text. */
export const anyJson: fc.Arbitrary<string> = fc.json();

/** Any object as `JSON.parse` gives it, of the fields in `whole`, of which one says anything or is missing. */
export function almost(whole: object): fc.Arbitrary<Readonly<Record<string, unknown>>> {
  return fc
    .tuple(fc.constantFrom(...Object.keys(whole)), fc.option(fc.jsonValue(), { nil: undefined }))
    .map(([field, value]) => JSON.parse(JSON.stringify({ ...whole, [field]: value })));
}

/** Whether everything that was `read` is in what was `written`; digits of an ID may be written in several ways. */
export function isIn(written: unknown, read: unknown): boolean {
  if (typeof read === 'object' && read !== null && typeof written === 'object' && written !== null) {
    return Object.entries(read).every(([field, value]) => isIn(Object(written)[field], value));
  }
  return read === written || (typeof written === 'string' && read === etcdIdOfHex(written));
}
