/** Certificates expire while the cluster serves. */
import assert from 'node:assert/strict';
import { applyCluster } from '../support/a-cluster.ts';
import { startWriter } from '../support/a-writer.ts';
import { e2eTest } from '../support/e2e-test.ts';
import { lookAgain } from '../support/look-again.ts';
import { assertSound } from '../support/oracle.ts';
import { untilReason } from '../support/said.ts';
import { seconds } from '../support/seconds.ts';
import { GIVEN, giveCertificates, membersLeaf, newAuthority } from '../support/some-certificates.ts';
import { untilEveryMemberAnswers } from '../support/until-asked.ts';

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
