/** What properties are held against. */
import fc from 'fast-check';
import { type EtcdId, etcdIdOfInteger } from '../../src/model/member.ts';
import { id } from './a-member-view.ts';

/** Any etcd ID, those beyond the integers of a double included. */
export const anEtcdId: fc.Arbitrary<EtcdId> = fc
  .bigInt({ min: 1n, max: 2n ** 64n - 1n })
  .map((value) => etcdIdOfInteger(value) ?? id('1'));

/** Any JSON text. */
export const anyJson: fc.Arbitrary<string> = fc.json();
