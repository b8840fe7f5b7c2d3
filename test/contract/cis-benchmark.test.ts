/**
 * The CIS Kubernetes Benchmark (1.9 to 1.11), section 2 "etcd", and 1.1.11, asked of a member as operator and agent
 * make it, and of a real etcd that was started so. The benchmark speaks of flags of a process; here they stand in the
 * configuration file, which is all that the process is told.
 */
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { extraEntryOf } from '../../src/model/etcd-extra-args.ts';
import { TESTED_ETCD_VERSIONS } from '../../src/model/etcd-version.ts';
import { dataIn } from '../../src/operator/certificates/secret-contents.ts';
import { GATE_PATH, VOLUME_PATH } from '../../src/resources/paths.ts';
import { versionOf } from '../support/a-render-input.ts';
import { valueAt } from '../support/real-api-server-client.ts';
import { aSecuredMember, issuedSecrets, type SecuredMember, tlsFolder } from './a-secured-member.ts';

const SIDES = [
  { side: 'client', section: 'client-transport-security', log: 'starting with client TLS' },
  { side: 'peer', section: 'peer-transport-security', log: 'starting with peer TLS' },
] as const;

/** Flags of etcd by which somebody could undo what is checked here. */
const FLAGS = [
  ...['cert-file', 'key-file', 'client-cert-auth', 'auto-tls', 'trusted-ca-file'],
  ...['peer-cert-file', 'peer-key-file', 'peer-client-cert-auth', 'peer-auto-tls', 'peer-trusted-ca-file'],
  ...[
    'listen-client-urls',
    'listen-peer-urls',
    'client-transport-security',
    'peer-transport-security',
    'data-dir',
  ],
];

const permissionsOf = async (path: string): Promise<number> => (await stat(path)).mode & 0o777;

for (const version of TESTED_ETCD_VERSIONS) {
  describe(`CIS on etcd ${version}`, { timeout: 120_000 }, () => {
    it('2.1 to 2.7: shows certificates, asks for them on both sides, makes up none, and trusts its own authority', async (t) => {
      const member = await aSecuredMember(t, version);
      for (const { side, section, log } of SIDES) {
        const folder = member.at(tlsFolder(side));
        const files = ['tls.crt', 'tls.key', 'ca.crt'].map((name) => join(folder, name));
        const written = ['cert-file', 'key-file', 'trusted-ca-file'].map((key) =>
          valueAt(member.document, `${section}.${key}`),
        );
        assert.deepEqual(written, files, '2.1, 2.4: certificate and key');
        assert.equal(valueAt(member.document, `${section}.client-cert-auth`), true, '2.2, 2.5');
        assert.equal(valueAt(member.document, `${section}.auto-tls`), undefined, '2.3, 2.6');
        assertTaken(await member.etcd.line(log), files);
      }
      assert.deepEqual(urlsOf(member), ['https', 'https'], 'and nobody is served without');
      assert.deepEqual(await madeUpIn(member), [], '2.3, 2.6: a folder of self-made certificates');
      const authority = new X509Certificate(await readFile(member.at(`${tlsFolder('peer')}/ca.crt`)));
      assert.ok(authority.ca && authority.subject === authority.issuer, '2.7: a root of its own');
    });

    it('1.1.11: keeps its data from others', async (t) => {
      const member = await aSecuredMember(t, version);
      const data = member.at(join(VOLUME_PATH, 'data'));
      assert.equal(await permissionsOf(data), 0o700);
      const inside = await readdir(data, { recursive: true, withFileTypes: true });
      assert.ok(inside.length > 3);
      for (const each of inside) {
        const mode = await permissionsOf(join(each.parentPath, each.name));
        assert.equal(mode & 0o077, 0, `${each.name}: ${mode.toString(8)}`);
      }
    });

    it('lets no option of a user undo any of it', () => {
      const { minor } = versionOf(version);
      for (const flag of FLAGS) {
        assert.ok('refused' in extraEntryOf(flag, 'true', minor), flag);
      }
    });
  });
}

describe('CIS in a Pod', () => {
  it('2.1 to 2.6: etcd is told nothing but where its configuration is', async (t) => {
    const { template } = await aSecuredMember(t, TESTED_ETCD_VERSIONS[0]);
    const etcd = template.spec.containers.find(({ name }) => name === 'etcd');
    assert.deepEqual(etcd?.command, ['etcd', `--config-file=${GATE_PATH}`]);
    assert.equal(etcd?.env, undefined);
  });

  it('2.7: etcd trusts what lies in Secrets of its own cluster, and no file of Kubernetes’ authority is mounted', async (t) => {
    const { template } = await aSecuredMember(t, TESTED_ETCD_VERSIONS[0]);
    const etcd = template.spec.containers.find(({ name }) => name === 'etcd');
    const mounted = template.spec.volumes.filter((volume) =>
      etcd?.volumeMounts?.some(({ name }) => name === volume.name),
    );
    assert.doesNotMatch(JSON.stringify(mounted), /configMap|serviceAccountToken|kube-root-ca/);
    assert.deepEqual(
      [...JSON.stringify(mounted).matchAll(/"secret":\{"name":"([^"]+)"/g)].map(([, name]) => name),
      ['demo-server-tls', 'demo-peer-tls'],
    );
  });

  it('2.7: two clusters have two authorities', async (t) => {
    const [one, other] = await Promise.all([issuedSecrets(t.signal), issuedSecrets(t.signal)]);
    const fingerprints = [one, other].map(({ secrets }) => {
      const secret = secrets('demo-ca');
      return new X509Certificate((secret === undefined ? undefined : dataIn(secret).get('tls.crt')) ?? '')
        .fingerprint256;
    });
    assert.notEqual(fingerprints[0], fingerprints[1]);
  });

  it('1.1.19 to 1.1.21: keys are read by nobody outside of the Pod’s group, and written by nobody', async (t) => {
    const { template, at } = await aSecuredMember(t, TESTED_ETCD_VERSIONS[0]);
    for (const { side } of SIDES) {
      for (const name of await readdir(at(tlsFolder(side)))) {
        assert.equal((await permissionsOf(at(join(tlsFolder(side), name)))) & ~0o440, 0, name);
      }
    }
    const mounts = template.spec.containers.flatMap(({ volumeMounts = [] }) => volumeMounts);
    assert.ok(
      mounts
        .filter(({ mountPath }) => mountPath.startsWith('/etc/quorate/'))
        .every(({ readOnly }) => readOnly),
    );
  });
});

/** That etcd says itself what it has taken from its configuration. */
function assertTaken(line: string, [certificate, key, authority]: readonly string[]): void {
  const info = String(JSON.parse(line)['tls-info'] ?? '');
  assert.ok(info.includes(`cert = ${certificate}, key = ${key},`), info);
  assert.ok(info.includes(`trusted-ca = ${authority}, client-cert-auth = true`), info);
}

function urlsOf({ document }: SecuredMember): readonly (string | undefined)[] {
  return ['listen-client-urls', 'listen-peer-urls'].map((key) => String(document[key]).split(':')[0]);
}

/** Folders in which etcd keeps certificates that it signs itself (`SelfCert`, 3.5–3.7). */
async function madeUpIn({ at }: SecuredMember): Promise<readonly string[]> {
  const names = await readdir(at(join(VOLUME_PATH, 'data')));
  return names.filter((name) => name === 'fixtures');
}
