/** What an agent is told about encryption, and how the environment says it. */
import * as v from 'valibot';
import type { EtcdSide, Side } from '../../model/certificates.ts';

export type TlsSettings = {
  /** Where the Secret of each side is mounted; sides that are not encrypted are left out. */
  readonly folders: Readonly<Partial<Record<Side, string>>>;
  /** Whether clients may speak plain text beside TLS. */
  readonly takesPlainClients: boolean;
  /** Digests of the authorities that etcd in this Pod was made to trust; sides of which nobody said are left out. */
  readonly trust: Readonly<Partial<Record<EtcdSide, string>>>;
  /** The common name that peers have to show; undefined where certificates are given. */
  readonly peerName: string | undefined;
  /** How agents speak to each other; `either` on the way to TLS and back. */
  readonly channel: 'plain' | 'either' | 'tls';
  /** Port of the agent's pages for whoever shows a certificate. */
  readonly port: number;
};

const notEmpty = v.optional(v.pipe(v.string(), v.minLength(1, 'must be set')));
const digest = v.optional(v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 in hex')));
const scheme = v.optional(v.picklist(['http', 'https'], 'must be http or https'), 'http');

/** The variables about encryption but for the port, which is read as all ports are. */
export const TLS_ENVIRONMENT = {
  QUORATE_PEER_SCHEME: scheme,
  QUORATE_CLIENT_SCHEME: scheme,
  QUORATE_PLAIN_CLIENTS: v.optional(v.picklist(['true', 'false'], 'must be true or false'), 'false'),
  QUORATE_TLS_CLIENT: notEmpty,
  QUORATE_TLS_PEER: notEmpty,
  QUORATE_TLS_AGENT: notEmpty,
  QUORATE_TLS_CLIENT_TRUST: digest,
  QUORATE_TLS_PEER_TRUST: digest,
  QUORATE_TLS_PEER_NAME: notEmpty,
  QUORATE_AGENT_CHANNEL: v.optional(
    v.picklist(['plain', 'either', 'tls'], 'must be plain, either or tls'),
    'plain',
  ),
};

type TlsVariables = v.InferOutput<v.ObjectSchema<typeof TLS_ENVIRONMENT, undefined>>;

export function tlsSettingsOf(variables: TlsVariables, port: number): TlsSettings {
  const { QUORATE_TLS_CLIENT: client, QUORATE_TLS_PEER: peer, QUORATE_TLS_AGENT: agent } = variables;
  const { QUORATE_TLS_CLIENT_TRUST: clientTrust, QUORATE_TLS_PEER_TRUST: peerTrust } = variables;
  return {
    folders: {
      ...(client === undefined ? {} : { client }),
      ...(peer === undefined ? {} : { peer }),
      ...(agent === undefined ? {} : { agent }),
    },
    takesPlainClients: variables.QUORATE_PLAIN_CLIENTS === 'true',
    trust: {
      ...(clientTrust === undefined ? {} : { client: clientTrust }),
      ...(peerTrust === undefined ? {} : { peer: peerTrust }),
    },
    peerName: variables.QUORATE_TLS_PEER_NAME,
    channel: variables.QUORATE_AGENT_CHANNEL,
    port,
  };
}

type Need = { readonly variable: string; readonly values: readonly string[]; readonly folder: string };

const NEEDS: readonly Need[] = [
  { variable: 'QUORATE_PEER_SCHEME', values: ['https'], folder: 'QUORATE_TLS_PEER' },
  { variable: 'QUORATE_CLIENT_SCHEME', values: ['https'], folder: 'QUORATE_TLS_CLIENT' },
  { variable: 'QUORATE_AGENT_CHANNEL', values: ['either', 'tls'], folder: 'QUORATE_TLS_AGENT' },
];

/** One sentence for each side that is to be encrypted with nothing. */
export function missingFolders(environment: Readonly<Record<string, string | undefined>>): readonly string[] {
  return NEEDS.filter(
    ({ variable, values, folder: needed }) =>
      values.includes(environment[variable] ?? '') && (environment[needed] ?? '') === '',
  ).map(
    ({ variable, folder: needed }) =>
      `${variable} is "${environment[variable]}" and ${needed} is not set; set it to where the certificates are mounted.`,
  );
}
