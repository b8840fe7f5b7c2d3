import type { LogTail } from '../model/log-tail.ts';
import { decodeProtobufFields, type ProtobufFields } from './protobuf-fields.ts';
import { isChecksumRight, RECORD_TYPE, type WalRecord } from './wal-record.ts';

/** A snapshot that the log has a record of. */
export type SnapshotRecord = { readonly index: bigint; readonly term: bigint };

/** Gathers what a replay of the records it takes would meet, as `ReadAll` in etcd's `wal.go` (3.5 to 3.7). */
export class ReplayScan {
  readonly #snapshots: SnapshotRecord[] = [];
  #commit = 0n;
  #firstIndex: bigint | undefined;
  #lastIndex: bigint | undefined;
  /** Where an entry does not follow on the one before it. */
  #gapAt = 0n;
  /** Requests of etcd 2 among the entries, in order. */
  #v2Indexes: bigint[] = [];

  /** Takes the next record; one clause when etcd could not make sense of it either. */
  take(record: WalRecord, previousCrc: number): string | undefined {
    switch (record.type) {
      case RECORD_TYPE.metadata:
      case RECORD_TYPE.crc:
        return undefined;
      case RECORD_TYPE.state:
        return this.#takeState(decodeProtobufFields(record.data));
      case RECORD_TYPE.snapshot:
        return this.#takeSnapshot(decodeProtobufFields(record.data));
      case RECORD_TYPE.entry:
        return this.#takeEntry(record, previousCrc);
      default:
        return `there is no record type ${record.type}`;
    }
  }

  /**
   * What etcd replays from the newest committed snapshot on that `isUsable`; undefined when the records do
   * not tell, because none of them is one.
   */
  tail(isUsable: (snapshot: SnapshotRecord) => boolean): LogTail | undefined {
    const snapshot = this.#snapshots.findLast((each) => each.index <= this.#commit && isUsable(each));
    if (snapshot === undefined) {
      return undefined;
    }
    const next = snapshot.index + 1n;
    const lastIndex = this.#lastIndex ?? 0n;
    if (lastIndex < next) {
      return { kind: 'read', entries: 0n, lastIndex: snapshot.index, lastV2Index: null };
    }
    if ((this.#firstIndex ?? 0n) > next || this.#gapAt > next) {
      return { kind: 'unknown', why: `entries are missing after the snapshot at index ${snapshot.index}` };
    }
    const lastV2 = this.#v2Indexes.at(-1) ?? 0n;
    const lastV2Index = lastV2 >= next ? lastV2 : null;
    return { kind: 'read', entries: lastIndex - snapshot.index, lastIndex, lastV2Index };
  }

  /** `raftpb.HardState`: commit is field 3. */
  #takeState(state: ProtobufFields | undefined): string | undefined {
    const commit = state?.get(3) ?? 0n;
    if (state === undefined || typeof commit !== 'bigint') {
      return 'a state is garbled';
    }
    this.#commit = commit;
    return undefined;
  }

  /** `walpb.Snapshot`: index is field 1, term is field 2. */
  #takeSnapshot(snapshot: ProtobufFields | undefined): string | undefined {
    const [index = 0n, term = 0n] = [snapshot?.get(1), snapshot?.get(2)];
    if (snapshot === undefined || typeof index !== 'bigint' || typeof term !== 'bigint') {
      return 'the record of a snapshot is garbled';
    }
    this.#snapshots.push({ index, term });
    return undefined;
  }

  /** `raftpb.Entry`: type is field 1, index is field 3, data is field 4. */
  #takeEntry(record: WalRecord, previousCrc: number): string | undefined {
    const entry = decodeProtobufFields(record.data);
    const [type = 0n, index = 0n, data = NO_DATA] = [entry?.get(1), entry?.get(3), entry?.get(4)];
    if (entry === undefined || typeof index !== 'bigint' || typeof data === 'bigint') {
      return 'an entry is garbled';
    }
    const kind = type === ENTRY_NORMAL ? kindOfRequest(data) : 'none';
    if (kind === 'garbled' || (kind === 'v2' && !isChecksumRight(previousCrc, record))) {
      return `the entry at index ${index} is garbled`;
    }
    this.#follow(index);
    if (kind === 'v2') {
      this.#v2Indexes.push(index);
    }
    return undefined;
  }

  /** An entry replaces those of its index and above, which a former leader never got committed. */
  #follow(index: bigint): void {
    while ((this.#v2Indexes.at(-1) ?? 0n) >= index && this.#v2Indexes.length > 0) {
      this.#v2Indexes.pop();
    }
    if (this.#lastIndex !== undefined && index > this.#lastIndex + 1n) {
      this.#gapAt = index;
    }
    this.#firstIndex ??= index;
    this.#lastIndex = index;
  }
}

const NO_DATA = new Uint8Array();

/** `raftpb.EntryNormal`; the other types are changes of the membership. */
const ENTRY_NORMAL = 0n;

/** In `etcdserverpb.Request` the method, such as PUT; in `InternalRaftRequest` a `Request` (until 3.6). */
const V2_FIELD = 2;

/**
 * What a normal entry asks for. etcd 3.6 takes data for an `InternalRaftRequest` and, where that fails, for a
 * `Request` of etcd 2 (`applyEntryNormal`); 3.7 takes it for the former and panics. Both are told apart by one
 * field: a `Request` is always written with its method (proto2, not nullable), while the only thing an
 * `InternalRaftRequest` ever had under that number is a `Request`, and 3.7 reserves it. As the former, a
 * `Request` never parses: its path, under the number of `range`, begins with "/", which is no field.
 * An entry without data is a new leader's, and asks for nothing.
 */
function kindOfRequest(data: Uint8Array): 'none' | 'v3' | 'v2' | 'garbled' {
  if (data.length === 0) {
    return 'none';
  }
  const request = decodeProtobufFields(data);
  if (request === undefined) {
    return 'garbled';
  }
  return request.has(V2_FIELD) ? 'v2' : 'v3';
}
