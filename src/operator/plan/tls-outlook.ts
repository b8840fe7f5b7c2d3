/** What a pass has found about encryption, and what the condition TLSReady says of it. */
import { PLAIN, type TlsMode, tlsModeText } from '../../resources/tls-mode.ts';
import { type Expiry, expiryFinding } from './certificate-expiry.ts';
import type { ConditionReason } from './condition-reasons.ts';
import type { ObservedCluster } from './observed-cluster.ts';
import { type TlsPlan, tlsGoalOf } from './plan-tls.ts';

/** Why there are no certificates as they are to be, and what to do. */
export type TlsObstacle = {
  readonly reason:
    | 'SecretsForbidden'
    | 'NameTaken'
    | 'CertificatesDelayed'
    | 'SecretMissing'
    | 'CertificateUnusable'
    | 'IssuerUnavailable'
    | 'IssuerPending';
  readonly message: string;
};

export type TlsOutlook = TlsPlan & {
  readonly obstacle: TlsObstacle | undefined;
  /** What the replacement of an authority waits for, in a clause; undefined where none is under way. */
  readonly rotation: string | undefined;
  /** Of everything that is stored. */
  readonly expiries: readonly Expiry[];
};

export type TlsFinding = {
  readonly status: 'True' | 'False';
  readonly reason: ConditionReason;
  readonly message: string;
};

/** `outlook` is undefined where a pass did not get as far. */
export function tlsFinding(observed: ObservedCluster, outlook: TlsOutlook | undefined): TlsFinding {
  const mode = observed.statefulSet?.tls;
  if (outlook?.obstacle !== undefined) {
    const { reason, message } = outlook.obstacle;
    return { status: 'False', reason, message };
  }
  const goal = tlsGoalOf(observed.cluster.spec.security);
  const now = mode ?? PLAIN;
  if (now.client !== goal.client || now.peer !== goal.peer) {
    return underWay(now, goal, outlook?.isForClients === true);
  }
  if (isPlain(goal)) {
    return {
      status: 'False',
      reason: 'PlainText',
      message: 'spec.security.tls asks for no encryption: clients and members speak in plain text.',
    };
  }
  const expiring = expiryFinding(outlook?.expiries ?? [], observed.nowMs);
  if (expiring !== undefined) {
    return expiring;
  }
  const rotation = outlook?.rotation;
  return rotation === undefined
    ? { status: 'True', reason: 'Encrypted', message: encryptedText(goal) }
    : {
        status: 'True',
        reason: 'ReplacingAuthority',
        message: `${encryptedText(goal)} Its authority is being replaced: ${rotation}.`,
      };
}

function underWay(mode: TlsMode, goal: TlsMode, isForClients: boolean): TlsFinding {
  const wait = isForClients ? ' Clients are served both ways for three minutes, in which they can move.' : '';
  const message = `Members go from ${tlsModeText(mode)} to ${tlsModeText(goal)}, one after another and step by step; clients are served meanwhile.${wait}`;
  return { status: 'False', reason: 'TLSUnderWay', message };
}

function isPlain({ client, peer }: TlsMode): boolean {
  return client === 'plain' && peer === 'plain';
}

function encryptedText({ client, peer }: TlsMode): string {
  if (client !== 'tls') {
    return 'Members speak TLS to each other, clients plain text.';
  }
  return peer === 'tls'
    ? 'Clients and members speak TLS, and show certificates on both ends.'
    : 'Clients speak TLS; members speak plain text to each other.';
}
