import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type AuthOutlook, authFinding, isAuthAnnounced } from '../../../src/operator/plan/auth-outlook.ts';
import { clusterPhase } from '../../../src/operator/plan/cluster-phase.ts';
import { findingsOf } from '../../../src/operator/plan/findings.ts';
import { type AnObservedCluster, anObservedCluster } from '../../support/an-observed-cluster.ts';

const secure = anObservedCluster(3).set({ tls: { client: 'tls', peer: 'tls' } });
const wanting = secure.wanting({ security: { tls: {}, auth: { enabled: true } } });
const missing = {
  reason: 'SecretMissing',
  user: 'app',
  why: 'Secret a (of user app) does not exist',
} as const;
const unusable = {
  reason: 'PasswordUnusable',
  user: 'ops',
  why: 'Secret o (of user ops) has an empty password',
} as const;

type Case = readonly [
  situation: string,
  cluster: AnObservedCluster,
  outlook: AuthOutlook,
  verdict: string,
  message: RegExp,
];

const CASES: readonly Case[] = [
  ['it is off, as wanted', secure, { kind: 'off' }, 'False AuthDisabled', /whoever etcd lets in/],
  [
    'it is on, as wanted',
    wanting,
    { kind: 'on', troubles: [], rootHasNoPassword: false },
    'True AuthEnabled',
    /^etcd asks clients who they are, and had the users and roles that are declared/,
  ],
  [
    'passwords are not to be had',
    wanting,
    { kind: 'on', troubles: [unusable, missing], rootHasNoPassword: false },
    'False SecretMissing',
    /^Secret o .* has an empty password; Secret a .* does not exist\. Everything else is as declared/,
  ],
  [
    'passwords cannot be used',
    wanting,
    { kind: 'on', troubles: [unusable], rootHasNoPassword: false },
    'False PasswordUnusable',
    /empty password\./,
  ],
  [
    'root has no password',
    wanting,
    { kind: 'on', troubles: [], rootHasNoPassword: true },
    'False RootWithoutPassword',
    /turn authentication off, delete the user, and turn it on again\.$/,
  ],
  [
    'it waits for TLS',
    wanting,
    { kind: 'held' },
    'False AuthUnderWay',
    /every member serves clients by TLS alone/,
  ],
  [
    'there is more to do',
    wanting,
    { kind: 'unfinished' },
    'False AuthUnderWay',
    /being made as the spec declares/,
  ],
  [
    'etcd does not answer',
    wanting,
    { kind: 'delayed', why: 'no leader' },
    'False AuthDelayed',
    /could not be looked at or changed \(no leader\); tried again\.$/,
  ],
  [
    'etcd does not answer while it is to be turned off',
    secure,
    { kind: 'delayed', why: 'no leader' },
    'False AuthDelayed',
    /could not be turned off \(no leader\); tried again\. TLS stays on until it is\.$/,
  ],
  [
    'the operator may not read Secrets',
    wanting,
    { kind: 'hindered', obstacle: { reason: 'SecretsForbidden', message: 'Let it.' } },
    'False SecretsForbidden',
    /^Let it\.$/,
  ],
];

describe('what is said of authentication', () => {
  for (const [situation, { observed }, outlook, verdict, pattern] of CASES) {
    it(`is ${verdict} when ${situation}, and the cluster is ready only where all is as wanted`, () => {
      const { status, reason, message, isAsWanted } = authFinding(observed, outlook);
      assert.equal(`${status} ${reason}`, verdict);
      assert.match(message, pattern);
      const plan = { ...anObservedCluster(3).plan, auth: outlook };
      const findings = findingsOf(observed, plan);
      const ready = findings.find(({ type }) => type === 'Ready');
      assert.equal(isAsWanted, ['AuthEnabled', 'AuthDisabled'].includes(reason));
      assert.deepEqual([ready?.status, ready?.reason], isAsWanted ? ['True', 'AsWanted'] : ['False', reason]);
      assert.equal(clusterPhase(observed, plan, findings), 'Running', 'members are as they should be');
    });
  }

  it('is announced once status says that it is to be on', () => {
    const conditionsOf = ({ status }: AnObservedCluster) => ({ conditions: status.conditions ?? [] });
    assert.equal(isAuthAnnounced(secure.unwritten().observed), false);
    assert.equal(isAuthAnnounced(anObservedCluster(3).written().observed), false);
    assert.equal(isAuthAnnounced(wanting.remembering(conditionsOf(wanting)).observed), true);
  });
});
