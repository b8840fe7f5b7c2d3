/** What a Pod gets for TLS: Secrets, where they are mounted, and what its agent is told of them. */
import type { Annotations, EnvironmentVariable } from '../api/kubernetes.ts';
import type { Blueprint } from './blueprint.ts';
import type { VolumeMount } from './container.ts';
import { TLS_PATH } from './paths.ts';
import { PORTS } from './ports.ts';
import { TLS_ANNOTATION, type TlsMode, tlsModeText } from './tls-mode.ts';

/** Common name of the members' certificates towards each other, where we issue them. */
export const PEER_NAME = 'etcd-peer';

type Source = { readonly secret: { readonly name: string; readonly items: readonly Item[] } };
type Item = { readonly key: string; readonly path: string };

export type TlsVolume = {
  readonly name: string;
  readonly projected: { readonly defaultMode: number; readonly sources: readonly Source[] };
};

/** Readable for the group of the Pod, which both containers are in, and for nobody else. */
const FILE_MODE = 0o440;

type Folder = 'client' | 'peer' | 'agent';

/** The Secrets as volumes; none without TLS. */
export function tlsVolumesOf(blueprint: Blueprint): readonly TlsVolume[] {
  const { tls, names } = blueprint;
  if (tls === undefined) {
    return [];
  }
  const secrets = { client: names.serverSecret, peer: names.peerSecret, agent: names.agentSecret };
  return foldersOf(tls).map((folder) => ({
    name: volumeNameOf(folder),
    projected: {
      defaultMode: FILE_MODE,
      sources: [wholeSecret(secrets[folder])],
    },
  }));
}

/** etcd sees what it shows and trusts; the agent everything. */
export function tlsMountsOf({ tls }: Blueprint, container: 'etcd' | 'agent'): readonly VolumeMount[] {
  const folders = tls === undefined ? [] : foldersOf(tls);
  return folders
    .filter((folder) => container === 'agent' || folder !== 'agent')
    .map((folder) => ({ name: volumeNameOf(folder), mountPath: `${TLS_PATH}/${folder}`, readOnly: true }));
}

/** What the agent is told; nothing without TLS. */
export function tlsEnvironmentOf({ tls }: Blueprint): readonly EnvironmentVariable[] {
  if (tls === undefined) {
    return [];
  }
  const folders = foldersOf(tls).map((folder) =>
    value(`QUORATE_TLS_${folder.toUpperCase()}`, `${TLS_PATH}/${folder}`),
  );
  return [
    value('QUORATE_CLIENT_SCHEME', tls.client === 'tls' ? 'https' : 'http'),
    value('QUORATE_PEER_SCHEME', tls.peer === 'tls' ? 'https' : 'http'),
    ...folders,
    ...(tls.client === 'plain' ? [] : [value('QUORATE_TLS_CLIENT_TRUST', tls.trust.client)]),
    ...(tls.peer === 'plain' ? [] : [value('QUORATE_TLS_PEER_TRUST', tls.trust.peer)]),
    ...(tls.isPeerNamed && tls.peer !== 'plain' ? [value('QUORATE_TLS_PEER_NAME', PEER_NAME)] : []),
    value('QUORATE_AGENT_CHANNEL', isOnTheWay(tls) ? 'either' : 'tls'),
    value('QUORATE_AGENT_TLS_PORT', PORTS.agentTls),
  ];
}

/** On the Pods. */
export function tlsAnnotationsOf({ tls }: Blueprint): Annotations {
  return tls === undefined ? {} : { [TLS_ANNOTATION]: tlsModeText(tls) };
}

/** Whether members of this mode live beside members that speak otherwise. */
export function isOnTheWay({ client, peer }: TlsMode): boolean {
  return client === 'both' || peer === 'prepared';
}

function foldersOf({ client, peer }: TlsMode): readonly Folder[] {
  return [
    ...(client === 'plain' ? [] : ['client' as const]),
    ...(peer === 'plain' ? [] : ['peer' as const]),
    'agent',
  ];
}

function volumeNameOf(folder: Folder): string {
  return `tls-${folder}`;
}

function wholeSecret(name: string): Source {
  return { secret: { name, items: [item('tls.crt'), item('tls.key'), item('ca.crt')] } };
}

function item(key: string): Item {
  return { key, path: key };
}

function value(name: string, text: string | number): EnvironmentVariable {
  return { name, value: String(text) };
}
