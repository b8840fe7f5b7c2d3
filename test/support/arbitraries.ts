/** What properties are held against. */
import fc from 'fast-check';
import { type EtcdId, etcdIdOfHex, etcdIdOfInteger } from '../../src/model/member.ts';
import { id } from './a-member-view.ts';

/** Any etcd ID, those beyond the integers of a double included. */
export const anEtcdId: fc.Arbitrary<EtcdId> = fc
  .bigInt({ min: 1n, max: 2n ** 64n - 1n })
  .map((value) => etcdIdOfInteger(value) ?? id('1'));

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
