/** A cluster as far as its certificates go, with Secrets in memory. */
import { createHash } from 'node:crypto';
import type { TestContext } from 'node:test';
import type { TlsSpec } from '../../../src/api/security-spec.ts';
import type { LiveObject } from '../../../src/kube/kube-object.ts';
import type { ObjectWriter } from '../../../src/kube/object-api.ts';
import type { AgentStatus } from '../../../src/model/agent-status.ts';
import type { EtcdSide, Side } from '../../../src/model/certificates.ts';
import { CertificateKeeper, type Keeping } from '../../../src/operator/certificates/certificate-keeper.ts';
import { dataIn } from '../../../src/operator/certificates/secret-contents.ts';
import { leadsTo } from '../../../src/pki/read-certificate.ts';
import { issueAuthority, issueLeaf } from '../../../src/pki/x509-issuer.ts';
import { objectNamesOf } from '../../../src/resources/names.ts';
import { anAgentStatus } from '../../support/an-agent-status.ts';
import { fakeRecords } from '../election/fake-records.ts';

export const START_MS = Date.parse('2026-05-01T12:00:00Z');
export const DAY_MS = 86_400_000;
const NAMES = objectNamesOf('demo');
const LABELS = { 'etcd.etcd.io/cluster': 'demo', 'app.kubernetes.io/managed-by': 'quorate' };
/** Names of the members that there are, as others dial them. */
export const HOSTS = [0, 1, 2].map((ordinal) => `demo-${ordinal}.demo-peer.shop.svc.cluster.local`);
const SECRET_OF: Readonly<Record<Side, string>> = {
  client: 'demo-server-tls',
  peer: 'demo-peer-tls',
  agent: 'demo-agent-tls',
};

/** What its Pod has, and what its etcd has read at its start. */
export type CertifiedMember = {
  readonly loaded: Map<EtcdSide, string>;
  readonly files: Map<Side, { readonly certificate: string; readonly authorities: string }>;
};

const NO_CERT_MANAGER: Pick<ObjectWriter, 'apply'> = {
  apply: async () => ({ kind: 'not-found', message: 'the server could not find the requested resource' }),
};

export function aCertifiedCluster(
  t: TestContext,
  tls: TlsSpec = {},
  writer: Pick<ObjectWriter, 'apply'> = NO_CERT_MANAGER,
) {
  const records = fakeRecords();
  let nowMs = START_MS;
  let request = '';
  let wanted = tls;
  let users: readonly string[] = [];
  const members: CertifiedMember[] = [];
  const issuer = { authority: issueAuthority, leaf: issueLeaf };
  const keeper = new CertificateKeeper({
    secrets: records,
    writer,
    issuer,
    nowMs: () => nowMs,
    random: Math.random,
  });
  const textOf = (name: string, key: string): string => {
    const secret = records.get(name);
    return secret === undefined ? '' : (dataIn(secret).get(key) ?? '');
  };
  const takeUp = (member: CertifiedMember): void => {
    for (const side of ['client', 'peer', 'agent'] as const) {
      const name = SECRET_OF[side];
      member.files.set(side, { certificate: textOf(name, 'tls.crt'), authorities: textOf(name, 'ca.crt') });
    }
  };
  const restart = (member: CertifiedMember): void => {
    takeUp(member);
    for (const side of ['client', 'peer'] as const) {
      member.loaded.set(side, member.files.get(side)?.authorities ?? '');
    }
  };
  return {
    records,
    textOf,
    members,
    takeUp,
    restart,
    join: () => {
      const member: CertifiedMember = { loaded: new Map(), files: new Map() };
      restart(member);
      members.push(member);
    },
    ask: (word: string) => {
      request = word;
    },
    want: (other: TlsSpec) => {
      wanted = other;
    },
    /** Users of etcd who have no password. */
    know: (others: readonly string[]) => {
      users = others;
    },
    later: (ms: number) => {
      nowMs += ms;
    },
    /** As people write a Secret. */
    give: (name: string, texts: Readonly<Record<string, string>>) => {
      records.put(name, aSecret(name, texts));
    },
    keep: (heard: readonly (AgentStatus | undefined)[] = members.map(statusOf)): Promise<Keeping> =>
      keeper.keep(
        {
          names: NAMES,
          namespace: 'shop',
          clusterDomain: 'cluster.local',
          tls: wanted,
          users,
          hosts: HOSTS,
          request,
          statuses: heard,
          metadataOf: (name) => ({ name, namespace: 'shop', labels: LABELS }),
        },
        t.signal,
      ),
    /** Whether every member takes what every other one shows now, and what every agent shows. */
    isAtPeace: () =>
      members.every((one) =>
        members.every(
          (other) =>
            leadsTo(other.files.get('peer')?.certificate ?? '', one.loaded.get('peer') ?? '') &&
            leadsTo(other.files.get('agent')?.certificate ?? '', one.loaded.get('client') ?? '') &&
            leadsTo(one.files.get('client')?.certificate ?? '', other.files.get('client')?.authorities ?? ''),
        ),
      ),
  };
}

export function statusOf(member: CertifiedMember): AgentStatus {
  const certificates = [...member.files].map(([side, { certificate, authorities }]) => ({
    side,
    certificate: digestOf(certificate),
    authorities: digestOf(authorities),
    loadedAuthorities: digestOf(side === 'agent' ? authorities : (member.loaded.get(side) ?? '')),
    notAfter: '2026-08-01T00:00:00Z',
  }));
  return { ...anAgentStatus(), certificates };
}

export function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function aSecret(name: string, texts: Readonly<Record<string, string>>): LiveObject {
  const data = Object.fromEntries(
    Object.entries(texts).map(([key, text]) => [key, Buffer.from(text).toString('base64')]),
  );
  return { metadata: { name, namespace: 'shop', uid: `uid-${name}`, resourceVersion: '1' }, data };
}
