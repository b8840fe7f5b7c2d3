/** Everything that is done to a cluster is done over TLS, whoever issues the certificates. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SecuritySpec } from '../../src/api/security-spec.ts';
import { applyCluster, type TestCluster } from './support/a-cluster.ts';
import { startWriter, type Writer } from './support/a-writer.ts';
import { e2eTest } from './support/e2e-test.ts';
import type { Ground } from './support/ground.ts';
import { assertSound } from './support/oracle.ts';
import { replacePods } from './support/replace-pods.ts';
import { untilReason } from './support/said.ts';
import { seconds } from './support/seconds.ts';
import { TLS } from './support/security-mode.ts';
import {
  GIVEN,
  giveCertificates,
  giveSecret,
  membersLeaf,
  newAuthority,
} from './support/some-certificates.ts';

const FROM = 'v3.6.16';
const TO = 'v3.7.3';

/** Prepares what the spec names, and gives it. */
type Source = (ground: Ground) => Promise<SecuritySpec>;

const SOURCES: Readonly<Record<string, Source>> = {
  'that the operator issues': async () => TLS,
  'that are given in Secrets': async ({ space }) => {
    const authority = await newAuthority('given');
    await giveCertificates(space, await membersLeaf(space, authority), authority.certificate);
    return GIVEN;
  },
  'of an authority that is given': async ({ space }) => {
    const { certificate, key } = await newAuthority('given');
    await giveSecret(space, 'own-ca', { 'ca.crt': certificate, 'tls.key': key });
    return { tls: { enabled: true, caSecret: 'own-ca' } };
  },
  'of cert-manager, whose part hand-made Secrets play': async ({ space, kubectl }) => {
    const definition = readFileSync(
      join(import.meta.dirname, '..', 'support', 'cert-manager-stand-in.yaml'),
      'utf8',
    );
    await kubectl.must(['apply', '--server-side', '-f', '-'], { input: definition });
    await kubectl.must(['wait', '--for=condition=Established', 'crd/certificates.cert-manager.io']);
    const authority = await newAuthority('issuer');
    const { certificate, key } = await membersLeaf(space, authority);
    for (const name of ['demo-server-issued', 'demo-peer-issued']) {
      await giveSecret(space, name, {
        'tls.crt': certificate,
        'tls.key': key,
        'ca.crt': authority.certificate,
      });
    }
    return { tls: { enabled: true, issuerRef: { name: 'house', kind: 'ClusterIssuer' } } };
  },
};

for (const [what, prepare] of Object.entries(SOURCES)) {
  e2eTest(
    `with certificates ${what} a cluster forms, grows, shrinks, restarts, heals and is upgraded`,
    { minutes: 12 },
    async (ground) => {
      const security = await prepare(ground);
      const startedMs = performance.now();
      const cluster = await applyCluster(ground, { spec: { size: 3, version: FROM, security } });
      await cluster.untilSettled({ size: 3 });
      ground.note(`settled after ${seconds(performance.now() - startedMs)}`);
      await untilReason(cluster, 'TLSReady', 'Encrypted');
      const writer = await startWriter(cluster);
      await writer.untilMore(20);
      await liveThrough(cluster, writer);
      await assertSound(cluster, {
        size: 3,
        version: TO,
        writer,
        warnings: [{ about: 'EtcdCluster/demo', reason: 'MemberGivesUp', message: /LostIdentity/ }],
      });
    },
  );
}

async function liveThrough(cluster: TestCluster, writer: Writer): Promise<void> {
  for (const size of [5, 3]) {
    await writer.section(`to ${size}`);
    await cluster.edit({ size });
    cluster.ground.note(`at ${size} after ${seconds(await cluster.untilSettled({ size }))}`);
  }
  await writer.section('the leader’s Pod is deleted');
  await replacePods(cluster, [cluster.leader()]);
  cluster.ground.note(`leader's Pod back after ${seconds(await cluster.untilSettled({ size: 3 }))}`);
  await writer.section('a volume is lost');
  await replacePods(cluster, ['demo-1'], { claims: true });
  cluster.ground.note(`healed after ${seconds(await cluster.untilSettled({ size: 3 }))}`);
  await writer.section('upgrade');
  await cluster.edit({ version: TO });
  const tookMs = await cluster.untilSettled({ size: 3, version: TO });
  cluster.ground.note(`upgraded after ${seconds(tookMs)}`);
  await writer.untilMore(20);
}
