import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BACKUP_RULES, BACKUP_TRANSITIONS } from '../../src/api/backup-rules.ts';
import { CLUSTER_RULES, CLUSTER_TRANSITIONS } from '../../src/api/cluster-rules.ts';
import { KIND_RULES } from '../../src/api/kind-rules.ts';
import { type KindRules, refusalOf, refusalOfScale } from '../../src/api/request-rule.ts';
import { RESTORE_RULES, RESTORE_TRANSITIONS } from '../../src/api/restore-rules.ts';
import { brokenRule, brokenTransition, type Rule, type Transition } from '../../src/api/rule.ts';
import { isClientTlsOn, isPeerTlsOn } from '../../src/api/security-rules.ts';
import { BACKUP_CASES, BACKUP_CHANGES } from './backup-cases.ts';
import { CLUSTER_CASES, CLUSTER_CHANGES } from './cluster-cases.ts';
import { REQUEST_CASES } from './request-cases.ts';
import { RESTORE_CASES, RESTORE_CHANGES } from './restore-cases.ts';
import type { RuleCase, TransitionCase } from './rule-case.ts';

judgesAll('EtcdCluster', CLUSTER_RULES, CLUSTER_CASES, CLUSTER_TRANSITIONS, CLUSTER_CHANGES);
judgesAll('EtcdBackup', BACKUP_RULES, BACKUP_CASES, BACKUP_TRANSITIONS, BACKUP_CHANGES);
judgesAll('EtcdRestore', RESTORE_RULES, RESTORE_CASES, RESTORE_TRANSITIONS, RESTORE_CHANGES);

function judgesAll<Spec>(
  kind: string,
  rules: readonly Rule<Spec>[],
  cases: readonly RuleCase<Spec>[],
  transitions: readonly Transition<Spec>[],
  changes: readonly TransitionCase<Spec>[],
): void {
  describe(`the rules of an ${kind}`, () => {
    for (const { title, breaks, object } of cases) {
      it(`${breaks ?? 'none'}: broken by ${title}`, () => {
        const broken = rules.filter((rule) => !rule.isKept(object)).map(({ name }) => name);
        assert.deepEqual(broken, breaks === undefined ? [] : [breaks]);
        assert.equal(brokenRule(rules, object)?.name, breaks);
      });
    }

    for (const { title, breaks, before, next } of changes) {
      it(`${breaks ?? 'none'}: broken by ${title}`, () => {
        const broken = transitions.filter((rule) => !rule.isKept(next, before)).map(({ name }) => name);
        assert.deepEqual(broken, breaks === undefined ? [] : [breaks]);
        assert.equal(brokenTransition(transitions, next, before)?.name, breaks);
      });
    }

    it('are each broken by a case', () => {
      const broken = new Set([...cases, ...changes].map(({ breaks }) => breaks));
      const own = rules.filter(({ cel, field }) => cel !== undefined && !field.includes('clusterTemplate'));
      const missing = [...own, ...transitions].filter(({ name }) => !broken.has(name));
      assert.deepEqual(
        missing.map(({ name }) => name),
        [],
      );
    });

    it('use only the CEL of Kubernetes 1.25', () => {
      const known = 'all|double|exists|filter|find|has|matches|size|startsWith|type'.split('|');
      const used = [...rules, ...transitions].flatMap(({ cel = '' }) =>
        [...withoutTexts(cel).matchAll(/([a-zA-Z_]+)\(/g)].map((match) => match[1] ?? ''),
      );
      assert.deepEqual(
        [...new Set(used)].filter((name) => !known.includes(name)),
        [],
      );
    });

    it('say in one line what to do', () => {
      for (const { name, message } of [...rules, ...transitions]) {
        assert.match(message, /^[^\n]{40,}$/, name);
      }
    });
  });
}

describe('the rules about requests', () => {
  for (const { title, kind, breaks, isScale, asked } of REQUEST_CASES) {
    it(`${breaks ?? 'none'}: broken by ${title}`, () => {
      const rules = KIND_RULES[kind] as KindRules<unknown>;
      const refusal = isScale ? refusalOfScale(rules, asked) : refusalOf(rules, asked);
      assert.equal(refusal?.name, breaks);
    });
  }

  it('are each broken by a case, and say in one line what to do', () => {
    const broken = new Set(REQUEST_CASES.map(({ breaks }) => breaks));
    for (const { name, message } of KIND_RULES.EtcdCluster.requests) {
      assert.ok(broken.has(name), name);
      assert.match(message, /^[^\n]{40,}$/, name);
    }
  });
});

describe('an object that broke a rule before the rule was there', () => {
  const even = (size: number, pause = false) => ({
    metadata: { name: 'demo', namespace: 'here' },
    spec: { size, pause },
  });
  const judge = (next: number, before: number) =>
    refusalOf(KIND_RULES.EtcdCluster, { next: even(next, true), before: even(before), limits: {} })?.name;

  it('can be changed otherwise, and mended, but not broken anew', () => {
    assert.deepEqual([judge(4, 4), judge(5, 4), judge(6, 4)], [undefined, undefined, 'odd-size']);
  });
});

describe('a reference into another namespace', () => {
  const metadata = { name: 'demo', namespace: 'here' };

  it('is refused of a backup', () => {
    const spec = { clusterName: 'demo', storageType: 'S3', s3: { bucket: 'backups' } } as const;
    const judge = (clusterNamespace: string) =>
      brokenRule(BACKUP_RULES, { metadata, spec: { ...spec, clusterNamespace } })?.name;
    assert.equal(judge('there'), 'same-namespace');
    assert.equal(judge('here'), undefined);
  });

  it('is refused of a restore', () => {
    const spec = { clusterName: 'demo', backupName: 'nightly' };
    const judge = (backupNamespace: string) =>
      brokenRule(RESTORE_RULES, { metadata, spec: { ...spec, backupNamespace } })?.name;
    assert.equal(judge('there'), 'same-namespace');
    assert.equal(judge('here'), undefined);
  });
});

describe('TLS', () => {
  it('is off where nobody asks for it', () => {
    assert.deepEqual([isClientTlsOn(undefined), isPeerTlsOn({})], [false, false]);
  });

  it('is on for both sides where it is asked for, and for one side where the other is excepted', () => {
    const bothOf = (tls: object) => [isClientTlsOn({ tls }), isPeerTlsOn({ tls })];
    assert.deepEqual(bothOf({}), [true, true]);
    assert.deepEqual(bothOf({ enabled: false }), [false, false]);
    assert.deepEqual(bothOf({ clientTLSEnabled: false }), [false, true]);
    assert.deepEqual(bothOf({ peerTLSEnabled: false }), [true, false]);
  });
});

function withoutTexts(cel: string): string {
  return cel.replace(/'(\\.|[^'\\])*'/g, "''");
}
