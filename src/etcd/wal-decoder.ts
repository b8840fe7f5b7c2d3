import { FRAME_BYTES, isChecksumRight, RECORD_TYPE, readRecord, type WalRecord } from './wal-record.ts';

/** One file of the log, which is read from its beginning. */
export type WalSegment = {
  readonly name: string;
  readonly sizeBytes: number;
  /** Only the last segment may end in the middle of a write. */
  readonly isLast: boolean;
};

/** Gets each record, with the checksum of the one before; answers with one clause when it makes no sense. */
export type TakeRecord = (record: WalRecord, previousCrc: number) => string | undefined;

/** Whether more bytes of the segment are wanted, or why the log cannot be read. */
export type Decoding = 'more' | 'over' | { readonly damaged: string };

/** A disk writes whole sectors, so one of zeros in the middle of a record was never written (`decoder.go`). */
const SECTOR_BYTES = 512;

/**
 * Takes the bytes of consecutive segments and gives their records, ending where etcd's own decoder does
 * (`decodeRecord`, 3.5 to 3.7): at zeros, or, in the last segment, at a write that was torn. Of entries, which
 * may be hundreds of megabytes, only those are checked against their checksum that may be torn; etcd itself
 * checks each at every start. Never throws, whatever the bytes are.
 */
export class WalDecoder {
  readonly #take: TakeRecord;
  #segment: WalSegment = { name: '', sizeBytes: 0, isLast: true };
  #crc = 0;
  /** Bytes that are not decoded yet, and how many of them make the next step. */
  #pending: Uint8Array[] = [];
  #pendingBytes = 0;
  #wantedBytes = FRAME_BYTES;
  /** Where in the segment they begin. */
  #position = 0;

  constructor(take: TakeRecord) {
    this.#take = take;
  }

  /** Begins with the next segment. */
  begin(segment: WalSegment): void {
    this.#segment = segment;
    this.#keep(new Uint8Array(), FRAME_BYTES);
    this.#position = 0;
  }

  /** Takes the next bytes of the segment. */
  push(chunk: Uint8Array): Decoding {
    this.#pending.push(chunk);
    this.#pendingBytes += chunk.length;
    if (this.#pendingBytes < this.#wantedBytes) {
      return 'more';
    }
    const bytes = this.#pending.length === 1 ? chunk : Buffer.concat(this.#pending);
    let offset = 0;
    for (;;) {
      const step = this.#decodeAt(bytes, offset);
      if (typeof step === 'object' && 'wanted' in step) {
        this.#keep(bytes.subarray(offset), step.wanted);
        return 'more';
      }
      if (typeof step !== 'number') {
        return step;
      }
      offset += step;
      this.#position += step;
    }
  }

  /** To be called when the file has no more bytes. */
  finish(): Decoding {
    return this.#pendingBytes === 0 ? 'over' : this.#torn();
  }

  #keep(rest: Uint8Array, wantedBytes: number): void {
    this.#pending = rest.length === 0 ? [] : [rest];
    this.#pendingBytes = rest.length;
    this.#wantedBytes = wantedBytes;
  }

  /** The size of the record at `offset`, how many bytes are wanted there, or the end. */
  #decodeAt(bytes: Uint8Array, offset: number): number | { readonly wanted: number } | Decoding {
    const reading = readRecord(bytes, offset);
    if (reading.kind === 'end') {
      return 'over';
    }
    const { size } = reading;
    if (reading.kind === 'short' && reading.bodySize === undefined) {
      return { wanted: FRAME_BYTES };
    }
    if (size > this.#segment.sizeBytes - this.#position) {
      return this.#torn();
    }
    if (size > bytes.length - offset || reading.kind === 'short') {
      return { wanted: size };
    }
    const isSuspect = this.#segment.isLast && this.#hasEmptySector(bytes.subarray(offset, offset + size));
    if (reading.kind === 'garbled') {
      return isSuspect ? 'over' : this.#damaged('a record is garbled');
    }
    return this.#accept(reading.record, isSuspect) ?? size;
  }

  #accept(record: WalRecord, isSuspect: boolean): Decoding | undefined {
    const previousCrc = this.#crc;
    if (record.type === RECORD_TYPE.crc) {
      if (previousCrc !== 0 && record.crc !== previousCrc) {
        return this.#damaged('it does not follow from the segment before it');
      }
    } else if ((isSuspect || record.type !== RECORD_TYPE.entry) && !isChecksumRight(previousCrc, record)) {
      return isSuspect ? 'over' : this.#damaged('the checksum of a record is wrong');
    }
    const why = this.#take(record, previousCrc);
    this.#crc = record.crc;
    return why === undefined ? undefined : this.#damaged(why);
  }

  /** As `isTornEntry` of etcd, which cuts the record's body at the file's sectors. */
  #hasEmptySector(framed: Uint8Array): boolean {
    let start = FRAME_BYTES;
    while (start < framed.length) {
      const length = SECTOR_BYTES - ((this.#position + start) % SECTOR_BYTES);
      if (isEmpty(framed.subarray(start, start + length))) {
        return true;
      }
      start += length;
    }
    return false;
  }

  #torn(): Decoding {
    return this.#segment.isLast ? 'over' : this.#damaged('it ends in the middle of a record');
  }

  #damaged(why: string): Decoding {
    return { damaged: `${this.#segment.name}: ${why}` };
  }
}

function isEmpty(bytes: Uint8Array): boolean {
  for (const byte of bytes) {
    if (byte !== 0) {
      return false;
    }
  }
  return true;
}
