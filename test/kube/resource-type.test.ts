import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { pluralInPath, type ResourceType, resourcePath } from '../../src/kube/resource-type.ts';

const POD: ResourceType = { apiVersion: 'v1', kind: 'Pod', plural: 'pods' };
const LEASE: ResourceType = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', plural: 'leases' };

describe('the path of an object', () => {
  it('tells its kind again, of one and of many, in a namespace and of a whole cluster', () => {
    for (const type of [POD, LEASE]) {
      for (const place of [
        {},
        { namespace: 'pods' },
        { namespace: 'a', name: 'b', subresource: 'status' as const },
      ]) {
        assert.equal(pluralInPath(resourcePath(type, place)), type.plural);
        assert.equal(pluralInPath(`${resourcePath(type, place)}?watch=1`), type.plural);
      }
    }
  });

  it('never leads elsewhere, whatever is given as a name', () => {
    for (const astray of ['', '.', '..', '../other/secrets/theirs', '..%2fother', 'a/b']) {
      assert.throws(() => resourcePath(POD, { namespace: 'a', name: astray }), /is no name of a Pod/);
      assert.throws(() => resourcePath(POD, { namespace: astray, name: 'b' }), /or of a namespace/);
    }
    assert.equal(resourcePath(POD, { namespace: 'a', name: '..b' }), '/api/v1/namespaces/a/pods/..b');
  });

  it('is of no kind where it is none', () => {
    assert.equal(pluralInPath('/healthz'), undefined);
    assert.equal(pluralInPath('/api'), undefined);
  });
});
