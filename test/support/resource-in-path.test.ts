import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { resourcePath } from '../../src/kube/resource-type.ts';
import { ETCD_CLUSTER, POD } from '../../src/operator/kinds.ts';
import { resourceInPath } from './resource-in-path.ts';

describe('what a path is about', () => {
  it('is what it was made of', () => {
    const place = { namespace: 'shop', name: 'demo-0' };
    const pod = { group: '', resource: 'pods', subresource: undefined };
    assert.deepEqual(resourceInPath(resourcePath(POD, place)), { ...pod, ...place });
    assert.deepEqual(resourceInPath(`${resourcePath(POD, {})}?limit=5`), {
      ...pod,
      namespace: undefined,
      name: undefined,
    });
    assert.deepEqual(resourceInPath(resourcePath(ETCD_CLUSTER, { ...place, subresource: 'status' })), {
      group: 'etcd.etcd.io',
      resource: 'etcdclusters',
      subresource: 'status',
      ...place,
    });
  });

  it('stays within its namespace whatever is in a name', () => {
    for (const name of ['../../other/pods/theirs', 'a/b', '%2e%2e', 'a?b#c']) {
      const found = resourceInPath(resourcePath(POD, { namespace: 'shop', name }));
      assert.deepEqual([found.namespace, found.resource, found.name], ['shop', 'pods', name]);
    }
  });

  it('is nothing where a name climbs out of its collection', () => {
    assert.throws(() => resourceInPath(resourcePath(POD, { namespace: 'shop', name: '..' })), /no path/);
  });
});
