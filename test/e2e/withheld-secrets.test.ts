/** Secrets that the operator may not read, or that nobody has made yet. */
import assert from 'node:assert/strict';
import { applyCluster } from './support/a-cluster.ts';
import { startWriter } from './support/a-writer.ts';
import { CERTIFICATES_BINDING } from './support/certificates-binding.ts';
import { e2eTest } from './support/e2e-test.ts';
import { assertSound } from './support/oracle.ts';
import { untilReason } from './support/said.ts';
import {
  GIVEN,
  giveCertificates,
  LEAF_SECRET,
  membersLeaf,
  newAuthority,
} from './support/some-certificates.ts';

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
