import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { extraEntryOf } from '../../src/model/etcd-extra-args.ts';
import { type EtcdOptions, parseEtcdOptions } from '../../src/model/etcd-options.ts';
import { versionOf } from '../support/a-render-input.ts';

const V35 = versionOf('3.5.35');
const V36 = versionOf('3.6.16');

describe('parseEtcdOptions', () => {
  it('takes nothing as all defaults', () => {
    assert.deepEqual(parseEtcdOptions({}, V36), { extraArgs: {} });
  });

  it('takes every field', () => {
    const options: EtcdOptions = {
      quotaBackendBytes: 8_589_934_592,
      autoCompactionMode: 'periodic',
      autoCompactionRetention: '30m',
      snapshotCount: 10_000,
      heartbeatIntervalMs: 200,
      electionTimeoutMs: 2_000,
      extraArgs: { 'max-request-bytes': '3145728' },
    };
    assert.deepEqual(parseEtcdOptions(options, V36), options);
  });

  it('names everything that is wrong at once', () => {
    const json = { quotaBackendBytes: -1, snapshotCount: 1.5, colour: 'red' };
    const parsed = parseEtcdOptions(json, V36);
    assert.deepEqual('invalid' in parsed ? parsed.invalid.map((text) => text.split(':')[0]) : parsed, [
      'quotaBackendBytes',
      'snapshotCount',
      'colour',
    ]);
  });

  for (const [what, json, sentence] of [
    [
      'an election time-out below five heartbeats',
      { heartbeatIntervalMs: 300 },
      'electionTimeoutMs: 1000 is less than 5 heartbeats of 300',
    ],
    [
      'a compaction mode that does nothing',
      { autoCompactionMode: 'revision' },
      'autoCompactionMode: it does nothing without autoCompactionRetention',
    ],
    [
      'a retention of the other mode',
      { autoCompactionMode: 'revision', autoCompactionRetention: '1h' },
      'autoCompactionRetention: "1h" is none for the mode revision',
    ],
    [
      'a name the agent owns',
      { extraArgs: { 'initial-cluster-state': 'new' } },
      'extraArgs: initial-cluster-state cannot be set: only the agent decides who starts or joins a cluster',
    ],
    [
      'a name that etcd would silently drop',
      { extraArgs: { 'max-request-byte': '1' } },
      'extraArgs: max-request-byte cannot be set: no etcd of a supported version reads it',
    ],
    [
      'a value of another type',
      { extraArgs: { 'max-request-bytes': '3 MiB' } },
      'extraArgs: max-request-bytes cannot be "3 MiB": it is a whole number',
    ],
    [
      'a log level at which etcd would panic',
      { extraArgs: { 'log-level': 'verbose' } },
      'extraArgs: log-level cannot be "verbose": it is one of debug, info, warn, error, panic, fatal',
    ],
  ] as const) {
    it(`refuses ${what}`, () => {
      assert.deepEqual(parseEtcdOptions(json, V36), { invalid: [sentence] });
    });
  }

  it('refuses what only a newer etcd reads', () => {
    const json = { extraArgs: { 'log-format': 'console' } };
    assert.deepEqual(parseEtcdOptions(json, V35), {
      invalid: ['extraArgs: log-format cannot be set: etcd 3.5 does not read it'],
    });
    assert.deepEqual(parseEtcdOptions(json, V36), json);
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (json) => {
        const parsed = parseEtcdOptions(json, V36);
        assert.equal(typeof parsed, 'object');
      }),
    );
  });
});

describe('extraEntryOf', () => {
  for (const name of [
    ...['name', 'data-dir', 'wal-dir', 'config-file', 'listen-peer-urls', 'listen-metrics-urls'],
    ...['advertise-client-urls', 'initial-advertise-peer-urls', 'initial-cluster', 'initial-cluster-token'],
    ...[
      'discovery',
      'discovery-srv',
      'force-new-cluster',
      'max-learners',
      'strict-reconfig-check',
      'pre-vote',
    ],
    ...['unsafe-no-fsync', 'feature-gates', 'experimental-initial-corrupt-check', 'logger', 'log-outputs'],
    ...['cert-file', 'key-file', 'trusted-ca-file', 'client-cert-auth', 'peer-cert-file', 'auto-tls'],
    ...['client-transport-security', 'quota-backend-bytes', 'experimental-corrupt-check-time'],
  ]) {
    it(`keeps ${name} to the agent, and says why`, () => {
      const entry = extraEntryOf(name, 'true', 6);
      assert.ok('refused' in entry);
      assert.match(entry.refused, new RegExp(`^${name} cannot be set: .{10,}`));
      assert.doesNotMatch(entry.refused, /no etcd of a supported version/);
    });
  }

  it('gives each minor the name it knows', () => {
    const value = 3_600_000_000_000;
    assert.deepEqual(extraEntryOf('corrupt-check-time', '1h', 5), {
      key: 'experimental-corrupt-check-time',
      value,
    });
    assert.deepEqual(extraEntryOf('corrupt-check-time', '1h', 6), { key: 'corrupt-check-time', value });
  });

  it('writes durations as nanoseconds', () => {
    for (const [text, nanoseconds] of [
      ['500ms', 500_000_000],
      ['1m30s', 90_000_000_000],
      ['1.5s', 1_500_000_000],
      ['7ns', 7],
    ] as const) {
      assert.deepEqual(extraEntryOf('grpc-keepalive-min-time', text, 7), {
        key: 'grpc-keepalive-min-time',
        value: nanoseconds,
      });
    }
    for (const text of ['', '5', '-5s', '5d', 's', '1e3s', '999999999h']) {
      assert.ok('refused' in extraEntryOf('grpc-keepalive-min-time', text, 7), text);
    }
  });

  it('keeps to one line whatever it is given', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (value) => {
        const entry = extraEntryOf('cors', value, 6);
        assert.ok('refused' in entry || /^[\x20-\x7e]+$/.test(String(entry.value)));
      }),
    );
  });
});
