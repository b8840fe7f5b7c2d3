import assert from 'node:assert/strict';
import { test } from 'node:test';
import { etcdVersionsOf } from '../../src/cli/etcd-version-arguments.ts';
import {
  DEFAULT_ETCD_VERSION,
  formatEtcdVersion,
  TESTED_ETCD_VERSIONS,
} from '../../src/model/etcd-version.ts';

function namesOf(args: readonly string[]): readonly string[] {
  const versions = etcdVersionsOf(args);
  assert.ok(!('invalid' in versions));
  return versions.map(formatEtcdVersion);
}

test('means the default version when none is given', () => {
  assert.deepEqual(namesOf([]), [DEFAULT_ETCD_VERSION]);
});

test('means the tested versions by "all"', () => {
  assert.deepEqual(namesOf(['all']), TESTED_ETCD_VERSIONS);
});

test('keeps the order and takes each version once', () => {
  assert.deepEqual(namesOf(['v3.7.3', '3.5.1', 'all']), ['3.7.3', '3.5.1', '3.5.35', '3.6.16']);
});

for (const text of ['3.4.23', '3.8.0', '4.0.0', '3.6', 'latest', '']) {
  test(`refuses "${text}" in one sentence with the remedy`, () => {
    const versions = etcdVersionsOf(['3.6.16', text]);
    assert.ok('invalid' in versions);
    assert.equal(
      versions.invalid,
      `"${text}" is not an etcd version this quorate runs; ` +
        'give a full version of 3.5.x, 3.6.x, 3.7.x, such as 3.6.16, or "all".',
    );
  });
}
