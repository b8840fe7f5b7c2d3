/** A cluster that finds data on its volumes, and the human who says what becomes of it. */
import { maxLearnersOf } from '../../src/model/etcd-version.ts';
import type { BlockedRecord, FormationRecord } from '../../src/model/formation-record.ts';
import type { EtcdId } from '../../src/model/member.ts';
import { note, schedule } from './base-world.ts';
import { createPlainData } from './foreign-cluster.ts';
import { changeApi } from './kube-api.ts';
import type { Volume } from './kube-state.ts';
import { armSync, deleteSet, replaceVolume } from './stateful-set.ts';
import type { World } from './world.ts';

/** What somebody does who finds the formation blocked. */
export type HumanWord = 'adopt' | 'discard';

/** The volume of `ordinal` holds a plain etcd's data; `record`: whether whoever made the cluster knew of it. */
export type PlainVolume = {
  readonly ordinal: number;
  readonly place: string;
  readonly record: 'Unformed' | 'Blocked';
};

/** How often the human looks, in ms. */
const LOOK_MS_MIN = 1_000;
const LOOK_MS_MAX = 4_000;
const GONE_POLL_MS = 200;

/** Deletes the cluster and makes it again under its name, once nothing of it runs any more; volumes stay. */
export function recreate(world: World, record: 'Unformed' | 'Blocked'): void {
  const { kube } = world;
  if (kube.isRecreating) {
    return;
  }
  kube.isRecreating = true;
  kube.formedBefore = lastFormed(world) ?? kube.formedBefore;
  deleteSet(world);
  const look = (): void => {
    if (kube.pods.length > 0) {
      schedule(world, GONE_POLL_MS, 'owner looks', look);
      return;
    }
    kube.isRecreating = false;
    const setUid = `set-${kube.nextKey++}`;
    note(world, () => `user makes the set again as ${setUid}, record ${record}`);
    changeApi(world, {
      setUid,
      isSetDeleting: false,
      record: recordOf(world, setUid, record),
      recordVersion: kube.api.recordVersion + 1,
    });
    // What was said of the objects that are gone is never said of those of the same names.
    kube.past.splice(0, kube.past.length - 1);
    armSync(world);
  };
  look();
}

/** A cluster is made on the volume that a plain etcd had. */
export function putPlainData(world: World, { ordinal, place, record }: PlainVolume): void {
  const volume = replaceVolume(world, ordinal);
  volume.data = createPlainData(world);
  volume.place = place === 'data' ? undefined : place;
  changeApi(world, { record: recordOf(world, world.kube.api.setUid, record) });
}

/** Whoever owns the cluster looks at it now and then, and says what becomes of data that blocks it. */
export function startHuman(world: World, word: HumanWord): void {
  const look = (): void => {
    const { record } = world.kube.api;
    if (record?.phase === 'Blocked') {
      decideOnData(world, word, record);
    }
    schedule(world, world.random.between(LOOK_MS_MIN, LOOK_MS_MAX), 'human looks', look);
  };
  schedule(world, world.random.between(LOOK_MS_MIN, LOOK_MS_MAX), 'human looks', look);
}

/** The ID of the cluster that was formed last, as long as it is remembered. */
export function lastFormed(world: World): EtcdId | undefined {
  const formed = world.kube.past.findLast(({ record }) => record?.phase === 'Formed')?.record;
  return formed?.phase === 'Formed' ? formed.clusterId : undefined;
}

function decideOnData(world: World, word: HumanWord, { phase: _phase, ...blocked }: BlockedRecord): void {
  const adopted = word === 'adopt' ? whichToAdopt(world) : undefined;
  const { clusterUid, generation, maxLearners } = blocked;
  note(
    world,
    () => `human ${adopted === undefined ? 'discards what there is' : `adopts ${adopted.clusterId}`}`,
  );
  const record: FormationRecord =
    adopted === undefined
      ? { phase: 'Unformed', clusterUid, generation, maxLearners, discarding: true }
      : { phase: 'Formed', clusterUid, ...adopted };
  changeApi(world, { record, recordVersion: world.kube.api.recordVersion + 1 });
}

type Adopted = { readonly clusterId: EtcdId; readonly generation: number; readonly maxLearners: number };

/** What was formed before, else what there is; with what the volumes note of it. */
function whichToAdopt(world: World): Adopted | undefined {
  const held = world.kube.volumes.filter((volume) => isLegible(volume));
  const ids = held.flatMap((volume) => volume?.data?.clusterId ?? []);
  const { formedBefore } = world.kube;
  const clusterId = formedBefore !== undefined && ids.includes(formedBefore) ? formedBefore : ids[0];
  if (clusterId === undefined) {
    return undefined;
  }
  const marker = markerFor(held, clusterId);
  return { clusterId, generation: marker?.generation ?? 1, maxLearners: marker?.maxLearners ?? 1 };
}

/** Of data that cannot be read nobody knows what to adopt. */
function isLegible(volume: Volume | undefined): boolean {
  return volume?.data != null && volume.data.damage !== 'unreadable';
}

function markerFor(volumes: readonly (Volume | undefined)[], clusterId: EtcdId): Volume['marker'] {
  return (
    volumes.find((volume) => volume?.marker != null && volume.data?.clusterId === clusterId)?.marker ?? null
  );
}

function recordOf(world: World, clusterUid: string, phase: 'Unformed' | 'Blocked'): FormationRecord {
  const base = { clusterUid, generation: 1, maxLearners: maxLearnersOf(world.version) };
  return phase === 'Unformed'
    ? { ...base, phase }
    : { ...base, phase, reason: 'ForeignData', message: 'The volumes are older than this cluster.' };
}
