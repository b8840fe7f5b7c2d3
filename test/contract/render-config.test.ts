/** What real etcd makes of the configuration: of every key, and of each of the three ways to start. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { type EtcdStart, type RenderInput, renderConfig } from '../../src/etcd/render-config.ts';
import { EXTRA_ARGS, extraEntryOf } from '../../src/model/etcd-extra-args.ts';
import { type EtcdVersion, maxLearnersOf, TESTED_ETCD_VERSIONS } from '../../src/model/etcd-version.ts';
import { aRenderInputAt, versionOf } from '../support/a-render-input.ts';
import { type EtcdFromFile, startEtcdFromFile } from '../support/etcd-from-file.ts';
import { claimLoopbackAddresses } from '../support/loopback-address.ts';

const OPTIONS = {
  quotaBackendBytes: 123_456_789,
  autoCompactionMode: 'revision',
  autoCompactionRetention: '1234',
  snapshotCount: 4_321,
  heartbeatIntervalMs: 150,
  electionTimeoutMs: 1_500,
  extraArgs: {
    'max-request-bytes': '2000000',
    'corrupt-check-time': '1h',
    'snapshot-catchup-entries': '777',
  },
} as const;

for (const version of TESTED_ETCD_VERSIONS) {
  describe(`etcd ${version}`, { timeout: 120_000 }, () => {
    const etcdVersion = versionOf(version);

    it('knows every key that is rendered', async (context) => {
      const cluster = await aCluster(context, etcdVersion);
      for (const key of keysFor(cluster.input(0, { kind: 'seed', token: 't', maxLearners: 1 }))) {
        assert.match(await cluster.probe(key), /cannot unmarshal/, key);
      }
    });

    it('drops a key it does not know without a word, which is why the keys are asked for', async (context) => {
      const cluster = await aCluster(context, etcdVersion);
      assert.doesNotMatch(await cluster.probe('nonsense'), /cannot unmarshal/);
    });

    it('takes up every value', async (context) => {
      const cluster = await aCluster(context, etcdVersion);
      const seed = {
        kind: 'seed',
        token: 'token-of-the-test',
        maxLearners: maxLearnersOf(etcdVersion),
      } as const;
      await using etcd = await cluster.start(0, seed, { options: OPTIONS });
      const said = JSON.parse(await etcd.line('starting an etcd server'));
      const url = (port: number): string => `http://${cluster.host(0)}:${port}`;
      const expected = {
        name: 'demo-0',
        'data-dir': join(cluster.directory, 'data-0'),
        'listen-peer-urls': [url(2380)],
        'initial-advertise-peer-urls': [url(2380)],
        'listen-client-urls': [url(2379)],
        'advertise-client-urls': [url(2379)],
        'listen-metrics-urls': [url(2381)],
        'initial-cluster': `demo-0=${url(2380)}`,
        'initial-cluster-state': 'new',
        'initial-cluster-token': 'token-of-the-test',
        'quota-backend-bytes': 123_456_789,
        'auto-compaction-mode': 'revision',
        'auto-compaction-retention': '1.234µs',
        'snapshot-count': 4_321,
        'heartbeat-interval': '150ms',
        'election-timeout': '1.5s',
        'max-request-bytes': 2_000_000,
        'corrupt-check-time-interval': '1h0m0s',
        'snapshot-catchup-entries': 777,
        'pre-vote': true,
        ...(etcdVersion.minor === 5
          ? { 'initial-corrupt-check': true, 'compact-check-time-enabled': true }
          : { 'max-learners': 8, 'feature-gates': 'CompactHashCheck=true,InitialCorruptCheck=true' }),
      };
      const taken = Object.fromEntries(Object.keys(expected).map((key) => [key, said[key]]));
      assert.deepEqual(taken, expected);
      await etcd.line('ready to serve client requests');
      assert.equal((await fetch(`${url(2381)}/livez`)).ok, true);
    });

    it('resumes on its data, and does not start anew where the data is gone', async (context) => {
      const cluster = await aCluster(context, etcdVersion);
      const maxLearners = maxLearnersOf(etcdVersion);
      const first = await cluster.start(0, { kind: 'seed', token: 'resumed', maxLearners });
      await first.line('ready to serve client requests');
      await first.kill('SIGKILL');

      const resume = { kind: 'resume', maxLearners, initialCorruptCheck: true } as const;
      const second = await cluster.start(0, resume);
      await second.line('initial corruption checking passed');
      await second.line('ready to serve client requests');
      await second.kill('SIGKILL');

      await rm(join(cluster.directory, 'data-0'), { recursive: true });
      await using third = await cluster.start(0, resume);
      assert.equal(await third.exited, 1);
      assert.match(third.log(), /error validating peerURLs|cannot fetch cluster info/);
    });

    it('joins as a learner, beside as many as were asked for', async (context) => {
      const cluster = await aCluster(context, etcdVersion);
      const maxLearners = maxLearnersOf(etcdVersion);
      await using seed = await cluster.start(0, { kind: 'seed', token: 'joined', maxLearners });
      await seed.line('ready to serve client requests');
      assert.equal(await cluster.addLearner(1), 'added');
      const second = await cluster.addLearner(2);
      assert.match(second, etcdVersion.minor === 5 ? /too many learner members/ : /^added$/);

      const listed = second === 'added' ? [0, 1, 2] : [0, 1];
      const initialCluster = listed.map((ordinal) => cluster.listing(ordinal));
      await using joiner = await cluster.start(1, {
        kind: 'join',
        token: 'joined',
        maxLearners,
        initialCluster,
      });
      await joiner.line('published local member to cluster through raft');
      assert.deepEqual(await cluster.memberNames(), ['demo-0', 'demo-1', ''].slice(0, listed.length));
    });

    it('does not start with a value it refuses', async (context) => {
      const cluster = await aCluster(context, etcdVersion);
      const options = { extraArgs: { 'auth-token': 'nonsense' } };
      const start = { kind: 'seed', token: 't', maxLearners: 1 } as const;
      await using etcd = await cluster.start(0, start, { options });
      assert.equal(await etcd.exited, 1);
    });
  });
}

/** Every key that can be rendered for the version of `input`. */
function keysFor(input: RenderInput): readonly string[] {
  const { minor } = input.etcdVersion;
  const plain: Record<string, unknown> = JSON.parse(renderConfig({ ...input, options: OPTIONS }));
  const extra = [...EXTRA_ARGS].flatMap(([name, { type, choices }]) => {
    const entry = extraEntryOf(name, choices?.[0] ?? EXAMPLES[type], minor);
    return 'key' in entry ? [entry.key] : [];
  });
  const security = ['client-transport-security', 'peer-transport-security'].flatMap((side) =>
    ['cert-file', 'key-file', 'trusted-ca-file', 'client-cert-auth'].map((key) => `${side}/${key}`),
  );
  return [...new Set([...Object.keys(plain), ...extra, ...security])];
}

const EXAMPLES = { boolean: 'true', integer: '1', duration: '1s', text: 'x', list: 'x' } as const;

type ClusterUnderTest = {
  readonly directory: string;
  host(ordinal: number): string;
  input(ordinal: number, start: EtcdStart, changes?: Partial<RenderInput>): RenderInput;
  start(ordinal: number, start: EtcdStart, changes?: Partial<RenderInput>): Promise<EtcdFromFile>;
  listing(ordinal: number): { name: string; peerUrl: string };
  /** `added`, or etcd's refusal. */
  addLearner(ordinal: number): Promise<string>;
  memberNames(): Promise<readonly string[]>;
  /** What etcd says to an object where `key` takes none; it never gets further than that. */
  probe(key: string): Promise<string>;
};

async function aCluster(context: TestContext, etcdVersion: EtcdVersion): Promise<ClusterUnderTest> {
  const directory = await mkdtemp(join(tmpdir(), 'render-'));
  const addresses = await claimLoopbackAddresses();
  context.after(async () => {
    await addresses[Symbol.asyncDispose]();
    await rm(directory, { recursive: true, force: true });
  });
  const version = `3.${etcdVersion.minor}.${etcdVersion.patch}`;
  const run = async (file: string, document: string): Promise<EtcdFromFile> => {
    const path = join(directory, file);
    await writeFile(path, document);
    return startEtcdFromFile(version, path, directory, context.signal);
  };
  const input: ClusterUnderTest['input'] = (ordinal, start, changes = {}) =>
    aRenderInputAt(addresses.prefix, ordinal, join(directory, `data-${ordinal}`), {
      etcdVersion,
      ...changes,
      start,
    });
  const post = async (path: string, body: unknown): Promise<Record<string, unknown>> => {
    const url = `http://${addresses.of(0)}:2379/v3/cluster/member/${path}`;
    const response = await fetch(url, { method: 'POST', body: JSON.stringify(body), signal: context.signal });
    return JSON.parse(await response.text());
  };
  return {
    directory,
    host: addresses.of,
    input,
    start: (ordinal, start, changes) => run(`${ordinal}.yaml`, renderConfig(input(ordinal, start, changes))),
    listing: (ordinal) => ({ name: `demo-${ordinal}`, peerUrl: `http://${addresses.of(ordinal)}:2380` }),
    addLearner: async (ordinal) => {
      const peerURLs = [`http://${addresses.of(ordinal)}:2380`];
      const answer = await post('add', { peerURLs, isLearner: true });
      return 'member' in answer ? 'added' : String(answer['message']);
    },
    memberNames: async () => {
      const { members } = await post('list', {});
      const names = Array.isArray(members) ? members.map((member) => String(member.name ?? '')) : [];
      return names.sort((a, b) => (a === '' ? 1 : b === '' ? -1 : a.localeCompare(b)));
    },
    probe: async (key) => {
      const [outer = '', inner] = key.split('/');
      const value = inner === undefined ? {} : { [inner]: {} };
      // The URL ends every start that gets past the key.
      const etcd = await run(
        'probe.yaml',
        JSON.stringify({ [outer]: value, 'listen-client-http-urls': 'no-url' }),
      );
      assert.equal(await etcd.exited, 1);
      return etcd.log();
    },
  };
}
