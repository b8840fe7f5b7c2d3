/** What a Pod gets for TLS: Secrets, where they are mounted, and what its agent is told of them. */
import type { Annotations, EnvironmentVariable } from '../api/kubernetes.ts';
import type { EtcdSide } from '../model/certificates.ts';
import type { Blueprint } from './blueprint.ts';
import type { VolumeMount } from './container.ts';
import { TLS_PATH } from './paths.ts';
import { PORTS } from './ports.ts';

/** `both` and `prepared` are on the way to TLS and back; see ADR 0012. */
export type TlsMode = {
  /** What clients speak: plain text, either, TLS. */
  readonly client: 'plain' | 'both' | 'tls';
  /** `prepared`: members listen in plain text and have what others ask for that do not any more. */
  readonly peer: 'plain' | 'prepared' | 'tls';
};

export type TlsBlueprint = TlsMode & {
  /** SHA-256 of the authorities that members are to trust on each side, as hex; a change of them restarts members. */
  readonly trust: Readonly<Record<EtcdSide, string>>;
  /** Whether members' certificates all have the one name that we give, so that no other opens the peer port. */
  readonly isPeerNamed: boolean;
};

/** On the Pods: how their members speak, for whoever has to know what a Pod was made for. */
export const TLS_ANNOTATION = 'etcd.etcd.io/tls';

export const PLAIN: TlsMode = { client: 'plain', peer: 'plain' };

/** The value of the annotation for `mode`. */
export function tlsModeText({ client, peer }: TlsMode): string {
  return `client=${client},peer=${peer}`;
}

/** The mode that the annotation `text` says; plain where there is none. */
export function tlsModeIn(text: string | undefined): TlsMode {
  const client = /\bclient=(both|tls)\b/.exec(text ?? '')?.[1] ?? 'plain';
  const peer = /\bpeer=(prepared|tls)\b/.exec(text ?? '')?.[1] ?? 'plain';
  return { client: client as TlsMode['client'], peer: peer as TlsMode['peer'] };
}

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
