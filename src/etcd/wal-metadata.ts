import type { EtcdId } from '../model/member.ts';
import { etcdIdOfInteger } from '../model/member.ts';
import { decodeProtobufFields } from './protobuf-fields.ts';
import { FRAME_BYTES, isChecksumRight, RECORD_TYPE, readRecord, type WalRecord } from './wal-record.ts';

/** Whose data a WAL segment says it is, or one clause on why it does not say so. */
export type WalMetadata =
  | { readonly kind: 'identity'; readonly clusterId: EtcdId; readonly memberId: EtcdId }
  | { readonly kind: 'damaged'; readonly why: string };

/**
 * Reads the identity out of the first bytes of a segment. etcd begins every segment, the first and each
 * later one, with a record of type crc that carries the checksum so far, and a record of type metadata
 * whose own checksum is that one continued over its data (`Create` and `cut` in `wal.go`). Only that order
 * and only a matching checksum is believed. Never throws, whatever `head` holds.
 */
export function decodeWalMetadata(head: Uint8Array): WalMetadata {
  const first = recordAt(head, 0, 'crc');
  if ('why' in first) {
    return { kind: 'damaged', why: first.why };
  }
  if (first.record.type !== RECORD_TYPE.crc) {
    const why = `its first record is of type ${first.record.type}, not crc (${RECORD_TYPE.crc})`;
    return { kind: 'damaged', why };
  }
  const second = recordAt(head, first.end, 'metadata');
  if ('why' in second) {
    return { kind: 'damaged', why: second.why };
  }
  if (second.record.type !== RECORD_TYPE.metadata) {
    const why = `its second record is of type ${second.record.type}, not metadata (${RECORD_TYPE.metadata})`;
    return { kind: 'damaged', why };
  }
  if (!isChecksumRight(first.record.crc, second.record)) {
    return { kind: 'damaged', why: 'the checksum of its metadata record is wrong' };
  }
  return decodeIdentity(second.record.data);
}

/** `etcdserverpb.Metadata`: NodeID is field 1, ClusterID is field 2, both uint64. */
function decodeIdentity(data: Uint8Array): WalMetadata {
  const fields = decodeProtobufFields(data);
  const memberId = idIn(fields?.get(1));
  const clusterId = idIn(fields?.get(2));
  if (memberId === undefined || clusterId === undefined) {
    return { kind: 'damaged', why: 'its metadata record names no member or no cluster' };
  }
  return { kind: 'identity', clusterId, memberId };
}

function idIn(value: bigint | Uint8Array | undefined): EtcdId | undefined {
  return typeof value === 'bigint' ? etcdIdOfInteger(value) : undefined;
}

/** The record that begins at `offset`, and where the next one does. */
function recordAt(
  head: Uint8Array,
  offset: number,
  name: string,
): { readonly record: WalRecord; readonly end: number } | { readonly why: string } {
  const reading = readRecord(head, offset);
  switch (reading.kind) {
    case 'record':
      return { record: reading.record, end: offset + reading.size };
    case 'end':
      return { why: `it is zero-filled where its ${name} record should be` };
    case 'garbled':
      return { why: `its ${name} record is garbled` };
    case 'short': {
      const there = head.length - offset - FRAME_BYTES;
      return reading.bodySize === undefined
        ? { why: `it ends before its ${name} record` }
        : { why: `its ${name} record claims ${reading.bodySize} bytes, of which ${there} could be read` };
    }
  }
}
