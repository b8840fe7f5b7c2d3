import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { EtcdStart, EtcdTls, TlsFiles } from '../../src/etcd/render-config.ts';
import { renderConfig } from '../../src/etcd/render-config.ts';
import type { ClusterNames } from '../../src/model/naming.ts';
import type { KeyPair, LeafRequest } from '../../src/pki/certificate.ts';
import { issueAuthority, issueLeaf } from '../../src/pki/x509-issuer.ts';
import type { TlsMaterial } from '../../src/runtime/tls-material.ts';
import { aRenderInputAt, versionOf } from '../support/a-render-input.ts';
import { type EtcdProcess, startEtcd } from '../support/etcd-process.ts';
import { claimLoopbackAddresses } from '../support/loopback-address.ts';

const DAY_MS = 86_400_000;
const ORDINALS = [0, 1, 2];

/** Real etcds on addresses of their own, with certificates issued by the product's own issuer. */
export type TlsCluster = {
  readonly names: ClusterNames;
  readonly authority: KeyPair;
  /** Paths for the configuration of etcd. */
  readonly files: TlsFiles;
  readonly start: (ordinal: number, start: EtcdStart, how?: Partial<Settings>) => Promise<EtcdProcess>;
  /** What a client shows and trusts; `fields` change what its certificate is for. */
  readonly client: (fields?: Partial<LeafRequest>, authority?: KeyPair) => Promise<TlsMaterial>;
  /** Puts another certificate into the place of the one that every member shows. */
  readonly putLeaf: (fields?: Partial<LeafRequest>, authority?: KeyPair, nowMs?: number) => Promise<KeyPair>;
  readonly putTrust: (bundle: string) => Promise<void>;
};

type Settings = {
  readonly names: Partial<ClusterNames>;
  readonly tls: EtcdTls;
  readonly until: 'ready' | 'live' | 'spawned';
};

export async function aTlsCluster(t: TestContext, version: string): Promise<TlsCluster> {
  const directory = await mkdtemp(join(tmpdir(), 'quorate-tls-'));
  const addresses = await claimLoopbackAddresses();
  t.after(async () => {
    await addresses[Symbol.asyncDispose]();
    await rm(directory, { recursive: true, force: true });
  });
  const authority = await issueAuthority('etcd-ca-test', Date.now(), 365 * DAY_MS);
  const files: TlsFiles = {
    certFile: join(directory, 'tls.crt'),
    keyFile: join(directory, 'tls.key'),
    trustedCaFile: join(directory, 'ca.crt'),
  };
  const request: LeafRequest = {
    commonName: 'etcd',
    dnsNames: [],
    // etcd takes a peer's certificate only for the address that it dials from: on loopback the first one.
    ipAddresses: [...ORDINALS.map(addresses.of), '127.0.0.1'],
    usages: ['server', 'client'],
    lifeMs: DAY_MS,
  };
  const putLeaf: TlsCluster['putLeaf'] = async (fields = {}, by = authority, nowMs = Date.now()) => {
    const leaf = await issueLeaf(by, { ...request, ...fields }, nowMs);
    await replace(files.certFile, leaf.certificate);
    await replace(files.keyFile, leaf.key);
    return leaf;
  };
  const putTrust = (bundle: string): Promise<void> => replace(files.trustedCaFile, bundle);
  await putLeaf();
  await putTrust(authority.certificate);
  const base = aRenderInputAt(addresses.prefix, 0, '', { etcdVersion: versionOf(version) });
  const secure: ClusterNames = { ...base.names, peerScheme: 'https', clientScheme: 'https' };
  return {
    names: secure,
    authority,
    files,
    putLeaf,
    putTrust,
    start: async (ordinal, start, how = {}) => {
      const { tls = { client: files, peer: files, takesPlainClients: false }, until = 'ready' } = how;
      const names = { ...secure, ...how.names };
      const dataDirectory = join(directory, `data-${ordinal}`);
      const address = addresses.of(ordinal);
      const document = renderConfig({
        ...base,
        ordinal,
        dataDirectory,
        listenAddress: address,
        names,
        tls,
        start,
      });
      await mkdir(directory, { recursive: true });
      const path = join(directory, `${ordinal}.yaml`);
      await writeFile(path, document);
      const extraConfig = { 'config-file': path };
      const etcd = await startEtcd({ version, address, dataDirectory, extraConfig, until, signal: t.signal });
      t.after(() => etcd.stop('SIGKILL'));
      return etcd;
    },
    client: async (fields = {}, by = authority) => {
      const leaf = await issueLeaf(
        by,
        { ...request, commonName: 'client', usages: ['client'], ...fields },
        Date.now(),
      );
      return { ...leaf, authorities: authority.certificate };
    },
  };
}

async function replace(path: string, text: string): Promise<void> {
  await writeFile(`${path}.new`, text);
  await rename(`${path}.new`, path);
}
