import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ETCD_OPTION_RULES } from '../../src/api/etcd-option-rules.ts';
import { brokenRule } from '../../src/api/rule.ts';
import { EXTRA_ARGS, extraEntryOf } from '../../src/model/etcd-extra-args.ts';

const VALUES = [
  'true',
  'false',
  'yes',
  '0',
  '42',
  '-1',
  '1.5',
  '500ms',
  '1m30s',
  '1d',
  'info',
  'TLS1.3',
  'a,b',
  'a\nb',
  '',
  ' ',
];

describe('the rules about extraArgs', () => {
  for (const [version, minor] of [
    ['3.5.35', 5],
    ['3.6.16', 6],
  ] as const) {
    it(`take for etcd ${version} what the agent can render, and nothing else`, () => {
      for (const name of [...EXTRA_ARGS.keys(), 'data-dir', 'no-such-option']) {
        for (const value of VALUES) {
          const object = {
            metadata: { name: 'demo' },
            spec: { version, etcd: { extraArgs: { [name]: value } } },
          };
          const isRefused = 'refused' in extraEntryOf(name, value, minor);
          assert.equal(brokenRule(ETCD_OPTION_RULES, object) !== undefined, isRefused, `${name}=${value}`);
        }
      }
    });
  }
});
