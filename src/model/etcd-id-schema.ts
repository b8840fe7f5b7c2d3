import * as v from 'valibot';
import { type EtcdId, etcdIdOfHex } from './member.ts';

/** Reads a hexadecimal etcd ID out of JSON that came from a volume or the API. */
export const etcdIdSchema = v.pipe(
  v.string(),
  v.check((text) => etcdIdOfHex(text) !== undefined, 'not a hexadecimal etcd ID'),
  v.transform((text) => etcdIdOfHex(text) as EtcdId),
);
