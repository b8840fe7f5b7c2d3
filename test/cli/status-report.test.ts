import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type StatusReport, statusReportOf } from '../../src/cli/status-report.ts';
import { renderStatus } from '../../src/cli/status-table.ts';
import { noPaint } from '../../src/demo/paint.ts';
import type { ClusterSnapshot, MemberSnapshot } from '../../src/local/cluster-snapshot.ts';
import { anAgentStatus } from '../support/an-agent-status.ts';

/** A member that serves; the first one leads. */
function aMember(ordinal: number, change: Partial<MemberSnapshot> = {}): MemberSnapshot {
  const status = anAgentStatus({ ordinal });
  return {
    name: `demo-${ordinal}`,
    ordinal,
    podUid: `pod-${ordinal}`,
    address: `127.80.7.1${ordinal}`,
    peerUrl: status.peerUrl,
    clientUrl: status.clientUrl,
    agentUrl: `http://127.80.7.1${ordinal}:2382`,
    isDeleting: false,
    agent: { state: 'running', pid: 100 + ordinal, startedAtMs: 0, restarts: 0, lastExit: null },
    etcd: { state: 'running', pid: 200 + ordinal, startedAtMs: 0, restarts: 1, lastExit: null },
    volume: `/s/volumes/${ordinal}`,
    dataFolder: `/s/volumes/${ordinal}/data`,
    agentLog: `/s/log/${ordinal}/agent.log`,
    etcdLog: `/s/log/${ordinal}/etcd.log`,
    word: { kind: 'answers', status },
    ...change,
  };
}

function report(members: readonly MemberSnapshot[], replicas = members.length): StatusReport {
  const snapshot: ClusterSnapshot = {
    name: 'demo',
    namespace: 'default',
    folder: '/s',
    etcdVersion: '3.6.16',
    apiUrl: 'http://127.80.7.2:16443',
    replicas,
    members,
  };
  return statusReportOf(snapshot);
}

const SILENT = { kind: 'silent', why: 'nobody listens on its port' } as const;

test('tells of each member what it is, where it is, and what it decided last', () => {
  const { members, clusterId, endpoints } = report([aMember(0), aMember(1)]);
  assert.equal(clusterId, 'c1');
  assert.deepEqual(endpoints, [
    anAgentStatus({ ordinal: 0 }).clientUrl,
    anAgentStatus({ ordinal: 1 }).clientUrl,
  ]);
  const [first] = members;
  assert.ok(first !== undefined);
  const { name, ordinal, role, pids, restarts, dataFolder, decision, reason, stage, silent } = first;
  assert.deepEqual(
    { name, ordinal, role, pids, restarts, dataFolder, decision, reason, stage, silent },
    {
      name: 'demo-0',
      ordinal: 0,
      role: 'leader',
      pids: { agent: 100, etcd: 200 },
      restarts: { agent: 0, etcd: 1 },
      dataFolder: '/s/volumes/0/data',
      decision: 'settled',
      reason: 'Serving',
      stage: 'serving',
      silent: null,
    },
  );
});

test('takes the word of others for a member whose agent is silent', () => {
  const silent = aMember(0, { word: SILENT, agent: { ...aMember(0).agent, state: 'waiting', pid: null } });
  const { peerUrl, clientUrl } = silent;
  const members = [{ id: 'a0', name: 'demo-0', peerUrl, clientUrl, role: 'Leader' as const }];
  const other = aMember(1, {
    word: { kind: 'answers', status: { ...anAgentStatus({ ordinal: 1 }), members } },
  });
  const [first] = report([silent, other]).members;
  assert.deepEqual([first?.role, first?.decision, first?.silent], ['leader', null, SILENT.why]);
  assert.equal(report([silent]).members[0]?.role, 'unknown');
  const down = { ...silent, etcd: { ...silent.etcd, pid: null } };
  assert.equal(report([down, aMember(1)]).members[0]?.role, 'down');
});

test('does not repeat what was said of the etcd before the one that runs now', () => {
  const restarted = aMember(0, { etcd: { ...aMember(0).etcd, startedAtMs: Date.parse('2030-01-01') } });
  const [first] = report([restarted]).members;
  assert.deepEqual([first?.role, first?.raftIndex], ['starting', null]);
});

test('a Pod that is being deleted is no endpoint', () => {
  const { endpoints, members } = report([aMember(0), aMember(1, { isDeleting: true })]);
  assert.equal(endpoints.length, 1);
  assert.equal(members[1]?.role, 'leaving');
});

test('prints a table that is as wide as its words', () => {
  const silent = aMember(1, { word: SILENT, etcd: { ...aMember(1).etcd, pid: null } });
  assert.equal(
    renderStatus(report([aMember(0), silent], 3), noPaint),
    `demo · etcd 3.6.16 · 3 members wanted · cluster c1
/s

NAME    ROLE    ETCD  AGENT  ADDRESS      INDEX                 DECISION  REASON
demo-0  leader  200   100    127.80.7.10  18446744073709551615  settled   Serving
demo-1  down    -     101    127.80.7.11  -                     -         agent silent: nobody listens on its port
`,
  );
});

test('says what it means that there is no member', () => {
  assert.match(renderStatus(report([], 0), noPaint), /the cluster hibernates, its disks stay/);
  assert.match(renderStatus(report([], 1), noPaint), /1 member wanted\n\/s\n\nNo Pod yet\./);
});
