import type { Marker } from '../../src/model/marker.ts';
import { parseMarker } from '../../src/model/marker.ts';
import type { EtcdId } from '../../src/model/member.ts';
import type { MarkerFinding, Wal } from '../../src/model/volume.ts';
import { type VolumeStore, VolumeUnwritableError } from '../../src/volume/volume-store.ts';

/** A volume in memory. It obeys the contract of `VolumeStore` as the real one does. */
export type FakeVolume = {
  readonly store: VolumeStore;
  readonly putData: (clusterId: EtcdId, memberId: EtcdId) => void;
  readonly putMarker: (marker: Marker) => void;
  readonly putMarkerText: (text: string) => void;
  /** From now on no marker can be written. */
  readonly fill: () => void;
  /** From now on nothing can be read or written. */
  readonly takeAway: () => void;
  /** What was done so far, in order: `read`, `marker released`, `aside RemovedData`, … */
  readonly story: string[];
};

const OWN_DATA: ReadonlySet<string> = new Set(['RemovedData', 'DataUnusable']);

/** A new, empty volume. */
export function aFakeVolume(): FakeVolume {
  let marker: MarkerFinding = { kind: 'none' };
  let wal: Wal = { kind: 'none' };
  let state: 'sound' | 'full' | 'gone' = 'sound';
  let aside: string[] = [];
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
  const store: VolumeStore = {
    read: async () => {
      story.push('read');
      return state === 'gone'
        ? { kind: 'unreadable', why: 'EIO: i/o error' }
        : { kind: 'readable', marker, wal, prunable: aside.filter((reason) => OWN_DATA.has(reason)).length };
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
    setDataAside: async (reason) => {
      demand();
      aside.push(reason);
      wal = { kind: 'none' };
      story.push(`aside ${reason}`);
      return `quarantine/${aside.length}-${reason}`;
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
    putData: (clusterId, memberId) => {
      wal = { kind: 'present', clusterId, memberId };
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
