import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { claimTemplateOf } from '../../src/resources/claim-template.ts';
import { statefulSet } from '../../src/resources/stateful-set.ts';
import { aBlueprint, aWish, FULL_SPEC } from './a-blueprint.ts';

describe('the StatefulSet', () => {
  it('starts and stops all Pods at once, behind the headless Service', () => {
    const { spec } = statefulSet(aBlueprint(), aWish());
    assert.equal(spec.podManagementPolicy, 'Parallel');
    assert.equal(spec.serviceName, 'demo-peer');
    assert.equal(spec.replicas, 3);
  });

  it('is rolled by the operator, and by Kubernetes where there is none', () => {
    const typeFor = (uid: string | undefined): string =>
      statefulSet(aBlueprint({}, {}, { uid }), aWish()).spec.updateStrategy.type;
    assert.deepEqual([typeFor('its-uid'), typeFor(undefined)], ['OnDelete', 'RollingUpdate']);
  });

  it('keeps every volume unless told otherwise, and in hibernation whatever it is told', () => {
    const retentionFor = (replicas: number, spec = FULL_SPEC): unknown =>
      statefulSet(aBlueprint(spec), aWish({ replicas })).spec.persistentVolumeClaimRetentionPolicy;
    assert.deepEqual(retentionFor(3, {}), { whenDeleted: 'Retain', whenScaled: 'Retain' });
    assert.deepEqual(retentionFor(3), { whenDeleted: 'Delete', whenScaled: 'Delete' });
    assert.deepEqual(retentionFor(0), { whenDeleted: 'Delete', whenScaled: 'Retain' });
  });

  it('has no field that its API server does not know', () => {
    const { spec } = statefulSet(aBlueprint(FULL_SPEC, { kubernetesMinor: 22 }), aWish());
    assert.equal('persistentVolumeClaimRetentionPolicy' in spec, false);
  });

  it('repeats the claim templates it was made with, since they cannot change', () => {
    const claimTemplates = [{ metadata: { name: 'data' }, spec: {} }];
    const { spec } = statefulSet(aBlueprint({ storage: { size: '99Gi' } }), aWish({ claimTemplates }));
    assert.equal(spec.volumeClaimTemplates, claimTemplates);
  });

  it('has no claims for ephemeral data, which ends with its Pod', () => {
    const { spec } = statefulSet(aBlueprint({ storage: { medium: 'Ephemeral', size: '2Gi' } }), aWish());
    assert.equal('volumeClaimTemplates' in spec, false);
    assert.equal('persistentVolumeClaimRetentionPolicy' in spec, false);
    assert.deepEqual(
      spec.template.spec.volumes.find(({ name }) => name === 'data'),
      { name: 'data', emptyDir: { sizeLimit: '2Gi' } },
    );
  });
});

describe('the claim template', () => {
  it('asks for 10Gi of the default class', () => {
    assert.deepEqual(claimTemplateOf(aBlueprint())?.spec, {
      accessModes: ['ReadWriteOnce'],
      volumeMode: 'Filesystem',
      resources: { requests: { storage: '10Gi' } },
    });
  });

  it('is what was given; size and class win over those of a whole template', () => {
    const storage = { ...FULL_SPEC.storage, storageClassName: 'slow' };
    assert.deepEqual(claimTemplateOf(aBlueprint({ storage }))?.spec, {
      accessModes: ['ReadWriteOncePod'],
      volumeMode: 'Filesystem',
      selector: { matchLabels: { disk: 'nvme' } },
      storageClassName: 'slow',
      resources: { requests: { storage: '20Gi' }, limits: { storage: '40Gi' } },
    });
  });

  it('carries nothing that another version would have otherwise', () => {
    const before = claimTemplateOf(aBlueprint({ version: '3.5.35' }));
    assert.deepEqual(claimTemplateOf(aBlueprint({ version: '3.6.16' })), before);
    assert.equal(JSON.stringify(before).includes('version":"3'), false);
  });
});
