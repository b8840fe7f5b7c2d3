/** How the members of a cluster speak, and whom they trust. */
import type { EtcdSide } from '../model/certificates.ts';

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
