import type { Marker } from './marker.ts';
import type { EtcdId } from './member.ts';

/** What the first records of the write-ahead log say about whose data this is. */
export type Wal =
  | { readonly kind: 'none' }
  | ({ readonly kind: 'present'; readonly clusterId: EtcdId; readonly memberId: EtcdId } & Placed)
  /** There are WAL files, but no metadata can be read from them. */
  | ({ readonly kind: 'unreadable'; readonly why: string } & Placed);

type Placed = {
  /**
   * Where the data lies, relative to the volume: only for data of a plain etcd that lies elsewhere than in
   * `data/`. `.` is the volume itself.
   */
  readonly place?: string;
};

/** The marker as found: a marker that does not parse is not the same as none. */
export type MarkerFinding =
  | { readonly kind: 'none' }
  | { readonly kind: 'present'; readonly marker: Marker }
  | { readonly kind: 'invalid'; readonly why: string };

/** One member's volume, as its agent last read it. */
export type Volume =
  | {
      readonly kind: 'readable';
      readonly marker: MarkerFinding;
      readonly wal: Wal;
      /**
       * How many data directories of this very cluster lie in quarantine. Foreign data is not counted: it may
       * be the last copy of somebody else's cluster, so it is never pruned.
       */
      readonly prunable: number;
      /** What the file system has left for etcd; undefined where it does not say. */
      readonly freeBytes?: number;
    }
  /** EACCES, EROFS, EIO and the like: never read as "empty" (F21). */
  | {
      readonly kind: 'unreadable';
      readonly why: string;
      /** It can be read, and holds data in several places: nobody can tell which of them counts. */
      readonly holdsData?: true;
    };
