import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  DEFAULT_ETCD_VERSION,
  formatEtcdVersion,
  isSupported,
  maxLearnersOf,
  parseEtcdVersion,
  SUPPORTED_MINORS,
  TESTED_ETCD_VERSIONS,
} from '../../src/model/etcd-version.ts';

describe('an etcd version', () => {
  it('is read back as it was written, with a v before it or not', () => {
    const part = fc.integer({ min: 0, max: 999 });
    fc.assert(
      fc.property(part, part, (minor, patch) => {
        const version = { major: 3, minor, patch } as const;
        assert.deepEqual(parseEtcdVersion(formatEtcdVersion(version)), version);
        assert.deepEqual(parseEtcdVersion(`v${formatEtcdVersion(version)}`), version);
      }),
    );
  });

  it('is none of anything else, and says so without throwing', () => {
    const strange = [
      '',
      '3.6',
      '3.6.16 ',
      '4.0.0',
      '2.3.8',
      '3.6.16-rc.1',
      'v',
      'vv3.6.16',
      '3.6.1600',
      '３.6.1',
    ];
    for (const text of strange) {
      assert.equal(parseEtcdVersion(text), undefined, text);
    }
    fc.assert(
      fc.property(fc.string(), (text) => {
        const version = parseEtcdVersion(text);
        assert.ok(version === undefined || /^v?3\./.test(text));
      }),
    );
  });

  it('is supported for the minors that are tested, the default among them', () => {
    const tested = TESTED_ETCD_VERSIONS.map((text) => parseEtcdVersion(text));
    assert.deepEqual(
      tested.map((version) => version?.minor),
      [...SUPPORTED_MINORS],
    );
    assert.ok(tested.every((version) => version !== undefined && isSupported(version)));
    assert.ok(TESTED_ETCD_VERSIONS.some((version) => version === DEFAULT_ETCD_VERSION));
    assert.ok(!isSupported({ major: 3, minor: 4, patch: 40 }));
    assert.ok(!isSupported({ major: 3, minor: 8, patch: 0 }));
  });

  it('lets one learner at a time join before 3.6, and eight since', () => {
    assert.equal(maxLearnersOf({ major: 3, minor: 5, patch: 35 }), 1);
    assert.equal(maxLearnersOf({ major: 3, minor: 6, patch: 0 }), 8);
    assert.equal(maxLearnersOf({ major: 3, minor: 7, patch: 3 }), 8);
  });
});
