import type { LogTail } from '../../src/model/log-tail.ts';
import type { Marker } from '../../src/model/marker.ts';
import { parseMarker } from '../../src/model/marker.ts';
import type { EtcdId } from '../../src/model/member.ts';
import type { MarkerFinding, Volume, Wal } from '../../src/model/volume.ts';
import { type VolumeStore, VolumeUnwritableError } from '../../src/volume/volume-store.ts';

/** A volume in memory. It obeys the contract of `VolumeStore` as the real one does. */
export type FakeVolume = {
  readonly store: VolumeStore;
  /** In `data/`, or where a plain etcd left it. */
  readonly putData: (clusterId: EtcdId, memberId: EtcdId, place?: string) => void;
  /** What there is to replay of the log in `data/`; nothing unless said. */
  readonly putLog: (log: LogTail) => void;
  readonly putMarker: (marker: Marker) => void;
  readonly putMarkerText: (text: string) => void;
  /** From now on no marker can be written. */
  readonly fill: () => void;
  /** From now on nothing can be read or written. */
  readonly takeAway: () => void;
  /** What was done so far, in order: `read`, `marker released`, `aside RemovedData`, … */
  readonly story: string[];
};

const OWN_DATA: ReadonlySet<string> = new Set(['RemovedData', 'DataUnusable', 'DataTooOld']);

/** A new, empty volume. */
export function aFakeVolume(): FakeVolume {
  let marker: MarkerFinding = { kind: 'none' };
  let data: Exclude<Wal, { kind: 'none' }>[] = [];
  let state: 'sound' | 'full' | 'gone' = 'sound';
  let aside: string[] = [];
  let log: LogTail = { kind: 'read', entries: 0n, lastIndex: 0n, lastV2Index: null };
  let names = 0;
  const story: string[] = [];
  const refuse = (code: string, remedy: string): never => {
    throw new VolumeUnwritableError(`The volume at memory refused a write (${code}); ${remedy}.`);
  };
  const demand = (): void => {
    if (state === 'gone') {
      refuse('EIO', 'check its mount and permissions');
    }
  };
  /** Only a volume that no agent has written to is looked through for data outside `data/`. */
  const found = (): Volume => {
    const own = data.find((each) => each.place === undefined);
    const places = marker.kind === 'none' ? data.flatMap(({ place }) => place ?? []).toSorted() : [];
    const [place] = places;
    const wal = own ?? data.find((each) => place !== undefined && each.place === place) ?? { kind: 'none' };
    const prunable = aside.filter((reason) => OWN_DATA.has(reason)).length;
    return own === undefined && places.length > 1
      ? {
          kind: 'unreadable',
          why: `there is data of etcd in several places: ${places.join(', ')}`,
          holdsData: true,
        }
      : { kind: 'readable', marker, wal, prunable };
  };
  const store: VolumeStore = {
    read: async () => {
      story.push('read');
      return state === 'gone' ? { kind: 'unreadable', why: 'EIO: i/o error' } : found();
    },
    readLog: async (minor) => {
      story.push(`read log for 3.${minor}`);
      return data.some((each) => each.place === undefined)
        ? log
        : { kind: 'unknown', why: 'ENOENT: no such file or directory' };
    },
    writeMarker: async (fields) => {
      demand();
      if (state === 'full') {
        refuse('ENOSPC', 'free or enlarge it');
      }
      names += 1;
      const volumeId =
        marker.kind === 'present' ? marker.marker.volumeId : `volume-${names}-${Math.random()}`;
      marker = { kind: 'present', marker: { volumeId, ...fields } };
      story.push(fields.released ? 'marker released' : 'marker');
      return marker.marker;
    },
    setDataAside: async (reason, _message, place) => {
      demand();
      aside.push(reason);
      data = data.filter((each) => each.place !== place);
      story.push(`aside ${reason}`);
      return `quarantine/${aside.length}-${reason}`;
    },
    takeInData: async (place) => {
      demand();
      data = data.map((each) => {
        const { place: at, ...rest } = each;
        return at === place ? rest : each;
      });
      story.push(`taken in ${place}`);
    },
    pruneQuarantine: async (keep) => {
      demand();
      const own = aside.filter((reason) => OWN_DATA.has(reason));
      const old = own.length - Math.min(keep, own.length);
      aside = [...aside.filter((reason) => !OWN_DATA.has(reason)), ...own.slice(old)];
      story.push(`pruned ${old}`);
      return old;
    },
  };
  return {
    store,
    story,
    putData: (clusterId, memberId, place) => {
      const others = data.filter((each) => each.place !== place);
      data = [...others, { kind: 'present', clusterId, memberId, ...(place === undefined ? {} : { place }) }];
    },
    putLog: (tail) => {
      log = tail;
    },
    putMarker: (present) => {
      marker = { kind: 'present', marker: present };
    },
    putMarkerText: (text) => {
      const parsed = parseMarker(text);
      marker =
        'invalid' in parsed ? { kind: 'invalid', why: parsed.invalid } : { kind: 'present', marker: parsed };
    },
    fill: () => {
      state = 'full';
    },
    takeAway: () => {
      state = 'gone';
    },
  };
}
