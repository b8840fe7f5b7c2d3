/** Encryption is turned on and off, and some certificates cannot be used; clusters serve all the time. */
import assert from 'node:assert/strict';
import { applyCluster, type TestCluster } from './support/a-cluster.ts';
import { startWriter } from './support/a-writer.ts';
import { CERTIFICATES_BINDING } from './support/certificates-binding.ts';
import { e2eTest } from './support/e2e-test.ts';
import { askInPlainText } from './support/etcd-ask.ts';
import { assertSound } from './support/oracle.ts';
import { untilReason } from './support/said.ts';
import { seconds } from './support/seconds.ts';
import { TLS } from './support/security-mode.ts';
import {
  AUTHORITY_SECRET,
  GIVEN,
  giveCertificates,
  LEAF_SECRET,
  membersLeaf,
  newAuthority,
} from './support/some-certificates.ts';
import { untilEveryMemberAnswers } from './support/until-asked.ts';

/** Two roll-outs of three Pods each, and three minutes for clients between them. */
const WAY_MS_MAX = 480_000;

e2eTest('TLS is turned on and off again while clients write', { minutes: 20 }, async (ground) => {
  const cluster = await applyCluster(ground, { spec: { size: 3, security: {} } });
  await cluster.untilSettled({ size: 3 });
  const writer = await startWriter(cluster);
  await writer.untilMore(50);
  for (const [security, reason] of [
    [TLS, 'Encrypted'],
    [{}, 'PlainText'],
  ] as const) {
    await writer.section(reason);
    const startedMs = performance.now();
    await cluster.edit({ security: null });
    await cluster.edit({ security });
    await untilReason(cluster, 'TLSReady', reason, WAY_MS_MAX);
    await cluster.untilSettled({ size: 3 });
    ground.note(`${reason} after ${seconds(performance.now() - startedMs)}`);
    const scheme = reason === 'Encrypted' ? 'https' : 'http';
    for (const { peerURL = '', clientURL = '' } of cluster.status().members ?? []) {
      assert.ok(peerURL.startsWith(`${scheme}://`) && clientURL.startsWith(`${scheme}://`), peerURL);
    }
    await writer.untilMore(50);
  }
  await assertSound(cluster, { size: 3, writer });
});

e2eTest(
  'certificates that members could not use are named, each with its fault, and harm no member that runs',
  { minutes: 14 },
  async (ground) => {
    const { space } = ground;
    const authority = await newAuthority('given');
    const good = await membersLeaf(space, authority);
    await giveCertificates(space, good, authority.certificate);
    const cluster = await applyCluster(ground, { spec: { size: 3, security: GIVEN } });
    await cluster.untilSettled({ size: 3 });
    const writer = await startWriter(cluster);
    await writer.untilMore(20);
    const stranger = await newAuthority('stranger');
    const faults = [
      ['wrong authority', /does not lead to an authority/, good, stranger.certificate],
      ['wrong names', /is not for/, await membersLeaf(space, authority, { dnsNames: ['demo'] })],
      ['expired', /which is not now/, await membersLeaf(space, authority, { lifeMs: -60_000 })],
      ['swapped key', /is not the key of/, { ...good, key: stranger.key }],
    ] as const;
    for (const [fault, words, pair, by = authority.certificate] of faults) {
      await writer.section(fault);
      await giveCertificates(space, pair, by);
      await lookAgain(cluster, fault);
      const { status, message } = await untilReason(cluster, 'TLSReady', 'CertificateUnusable');
      assert.equal(status, 'False');
      assert.match(message, words);
      assert.match(message, /Members keep the certificates that they have/);
      await giveCertificates(space, good, authority.certificate);
      await lookAgain(cluster, `${fault} mended`);
      await untilReason(cluster, 'TLSReady', 'Encrypted');
    }
    for (const name of [LEAF_SECRET, AUTHORITY_SECRET]) {
      await writer.section(`${name} is missing`);
      await space.kubectl.must(['delete', 'secret', name]);
      await lookAgain(cluster, name);
      const { message } = await untilReason(cluster, 'TLSReady', 'SecretMissing');
      assert.match(message, new RegExp(name));
      await giveCertificates(space, good, authority.certificate);
      await lookAgain(cluster, `${name} is there`);
      await untilReason(cluster, 'TLSReady', 'Encrypted');
    }
    const plain = await askInPlainText(ground.access, space.namespace, ground.signal)(
      'demo-0',
      '/v3/maintenance/status',
      {},
    );
    assert.ok(plain.kind === 'unknown' || plain.status >= 400, 'a client that speaks plain text is refused');
    await writer.untilMore(20);
    await assertSound(cluster, {
      size: 3,
      writer,
      warnings: ['CertificateUnusable', 'SecretMissing'].map((reason) => ({
        about: 'EtcdCluster/demo',
        reason,
      })),
    });
  },
);

e2eTest(
  'certificates that have all expired are replaced by a file swap: nobody is restarted',
  { minutes: 12 },
  async (ground) => {
    const { space } = ground;
    const authority = await newAuthority('given');
    const short = await membersLeaf(space, authority, { lifeMs: 120_000 });
    await giveCertificates(space, short, authority.certificate);
    const cluster = await applyCluster(ground, { spec: { size: 3, security: GIVEN } });
    await cluster.untilSettled({ size: 3 });
    const writer = await startWriter(cluster);
    await writer.untilMore(20);
    const pods = cluster.pods().map(({ uid }) => uid);
    await untilReason(cluster, 'TLSReady', 'CertificateUnusable', 240_000);
    await writer.section('expired');
    await giveCertificates(space, await membersLeaf(space, authority), authority.certificate);
    await lookAgain(cluster, 'renewed');
    await untilReason(cluster, 'TLSReady', 'Encrypted');
    const tookMs = await untilEveryMemberAnswers(cluster);
    ground.note(`every member shows its new certificate after ${seconds(tookMs)}`);
    await writer.section('renewed');
    await writer.untilMore(20);
    await assertSound(cluster, {
      size: 3,
      writer,
      warnings: [
        { about: 'EtcdCluster/demo', reason: 'CertificateUnusable' },
        { about: 'EtcdCluster/demo', reason: 'CertificateExpiring' },
        { about: 'EtcdCluster/demo', reason: 'CertificateExpired' },
      ],
    });
    assert.deepEqual(
      cluster.pods().map(({ uid }) => uid),
      pods,
      'the same Pods',
    );
  },
);

e2eTest(
  'a namespace that did not let the operator in, and Secrets that are not there yet, are named; then it comes up',
  { minutes: 8 },
  async (ground) => {
    const { space } = ground;
    await space.kubectl.must(['delete', 'rolebinding', CERTIFICATES_BINDING, '--ignore-not-found']);
    const cluster = await applyCluster(ground, { spec: { size: 1, security: GIVEN } });
    if (ground.facts.deployment !== undefined) {
      const { message } = await untilReason(cluster, 'TLSReady', 'SecretsForbidden');
      const command =
        message
          .split(': ')
          .at(-1)
          ?.replace(/^kubectl /, '')
          .split(' ') ?? [];
      ground.note(message);
      await space.kubectl.must(command);
    }
    const { message } = await untilReason(cluster, 'TLSReady', 'SecretMissing');
    assert.match(message, new RegExp(`Secret ${LEAF_SECRET}`));
    assert.deepEqual(cluster.pods(), [], 'nothing is started in plain text');
    const authority = await newAuthority('given');
    await giveCertificates(space, await membersLeaf(space, authority), authority.certificate);
    await cluster.untilSettled({ size: 1 });
    const writer = await startWriter(cluster);
    await writer.untilMore(20);
    await assertSound(cluster, {
      size: 1,
      writer,
      warnings: ['SecretsForbidden', 'SecretMissing', 'ClusterFailed'].map((reason) => ({
        about: 'EtcdCluster/demo',
        reason,
      })),
    });
  },
);

/** What is given is looked at once a minute, and whenever the object changes while something is amiss. */
async function lookAgain(cluster: TestCluster, why: string): Promise<void> {
  const flags = ['--overwrite', `quorate.test/look=${why.replaceAll(/[^a-z]+/gi, '-')}`];
  await cluster.space.kubectl.must(['annotate', 'etcdcluster', cluster.name, ...flags]);
}
