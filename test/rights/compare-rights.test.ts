import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { compareRights, type Exceptions, type RightsFindings } from '../../scripts/rights/compare-rights.ts';
import { type Call, permissionsOf } from '../../scripts/rights/permission.ts';

const RULES = [
  { apiGroups: ['apps'], resources: ['statefulsets'], verbs: ['get', 'delete'] },
  { apiGroups: [''], resources: ['configmaps'], resourceNames: ['limits'], verbs: ['get'] },
];

const aCall = (verb: string, group: string, resource: string, name?: string): Call => ({
  verb,
  group,
  resource,
  name,
});
const get = aCall('get', 'apps', 'statefulsets', 'demo');
const remove = aCall('delete', 'apps', 'statefulsets', 'demo');
const limits = aCall('get', '', 'configmaps', 'limits');

function findings(calls: readonly Call[], exceptions: Exceptions = {}): Partial<RightsFindings> {
  const all = compareRights(permissionsOf(RULES), calls, exceptions);
  return Object.fromEntries(Object.entries(all).filter(([, found]) => found.length > 0));
}

describe('rights and calls', () => {
  it('agree where each right was used and each call was granted', () => {
    assert.deepEqual(findings([get, remove, limits, get]), {});
  });

  it('disagree about what nobody did', () => {
    assert.deepEqual(findings([get]), {
      surplus: ['delete statefulsets.apps', 'get configmaps called limits'],
    });
  });

  it('disagree about what nobody granted: another verb, group, subresource or name', () => {
    const others = [
      aCall('list', 'apps', 'statefulsets'),
      aCall('get', '', 'statefulsets', 'demo'),
      aCall('get', 'apps', 'statefulsets/scale', 'demo'),
      aCall('get', '', 'configmaps', 'others'),
      aCall('get', '', 'configmaps'),
    ];
    assert.deepEqual(findings([get, remove, limits, ...others, ...others]), {
      unexpected: [
        'list statefulsets.apps',
        'get statefulsets called demo',
        'get statefulsets/scale.apps called demo',
        'get configmaps called others',
        'get configmaps',
      ],
    });
  });

  it('agree about an exception, as long as it is one', () => {
    const exceptions = { 'delete statefulsets.apps': 'because' };
    assert.deepEqual(findings([get, limits], exceptions), {});
    assert.deepEqual(findings([get, remove, limits], exceptions), { idle: ['delete statefulsets.apps'] });
    assert.deepEqual(findings([get, remove, limits], { 'list pods': 'because' }), { idle: ['list pods'] });
  });
});
