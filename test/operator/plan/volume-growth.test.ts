import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { planVolumeGrowth, volumesGrowing } from '../../../src/operator/plan/volume-growth.ts';
import { AnObservedCluster, anObservedCluster } from '../../support/an-observed-cluster.ts';

const GIB = 1024 ** 3;

/** A cluster of three with volumes of 1 GiB whose spec wants `size`. */
function wanting(size: string | undefined): AnObservedCluster {
  return anObservedCluster(3).wanting({ storage: size === undefined ? {} : { size } });
}

function claim(
  cluster: AnObservedCluster,
  ordinal: number,
  fields: Partial<AnObservedCluster['observed']['claims'][number]>,
): AnObservedCluster {
  const claims = cluster.observed.claims.map((each) =>
    each.ordinal === ordinal ? { ...each, ...fields } : each,
  );
  return new AnObservedCluster({ ...cluster.observed, claims });
}

function grown(cluster: AnObservedCluster): readonly string[] {
  return planVolumeGrowth(cluster.observed).claims.map(({ name }) => name);
}

describe('the growth of volumes', () => {
  it('lets each claim ask for what the spec wants', () => {
    assert.deepEqual(planVolumeGrowth(wanting('2Gi').observed).size, '2Gi');
    assert.deepEqual(grown(wanting('2Gi')), ['data-demo-0', 'data-demo-1', 'data-demo-2']);
  });

  it('leaves claims alone that ask for as much, or for more', () => {
    assert.deepEqual(grown(wanting('1Gi')), []);
    assert.deepEqual(grown(claim(wanting('2Gi'), 1, { requestedBytes: 3 * GIB })), [
      'data-demo-0',
      'data-demo-2',
    ]);
  });

  it('waits for a claim to have its volume, and lets one go that is being deleted', () => {
    const unbound = claim(wanting('2Gi'), 0, { capacityBytes: undefined });
    assert.deepEqual(grown(claim(unbound, 2, { deleting: true })), ['data-demo-1']);
  });

  it('has nothing to do where there are no claims', () => {
    const ephemeral = anObservedCluster(3).wanting({ storage: { medium: 'Ephemeral', size: '2Gi' } });
    assert.deepEqual(grown(ephemeral), []);
  });

  it('says which volumes Kubernetes has yet to enlarge', () => {
    const asked = claim(wanting('2Gi'), 1, { requestedBytes: 2 * GIB });
    assert.match(volumesGrowing(asked.observed) ?? '', /enlarge data-demo-1;/);
    assert.equal(asked.condition('Progressing'), 'True VolumesGrowing');
  });

  it('is over when every volume has what its claim asks for', () => {
    const done = claim(wanting('2Gi'), 1, { requestedBytes: 2 * GIB, capacityBytes: 2 * GIB });
    assert.equal(volumesGrowing(done.observed), undefined);
  });
});
