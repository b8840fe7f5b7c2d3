/** Certificates that cannot be used; the cluster serves all the time. */
import assert from 'node:assert/strict';
import { applyCluster } from '../support/a-cluster.ts';
import { startWriter } from '../support/a-writer.ts';
import { e2eTest } from '../support/e2e-test.ts';
import { askInPlainText } from '../support/etcd-ask.ts';
import { lookAgain } from '../support/look-again.ts';
import { assertSound } from '../support/oracle.ts';
import { untilReason } from '../support/said.ts';
import {
  AUTHORITY_SECRET,
  GIVEN,
  giveCertificates,
  LEAF_SECRET,
  membersLeaf,
  newAuthority,
} from '../support/some-certificates.ts';

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
