/** What a pass has found about etcd's authentication, and what the condition AuthReady says of it. */
import type { Condition } from '../../api/kubernetes.ts';
import type { AuthEnd } from '../auth/auth-keeper.ts';
import type { ConditionReason } from './condition-reasons.ts';
import { formationOf } from './formation.ts';
import type { ObservedCluster } from './observed-cluster.ts';
import type { TlsObstacle } from './tls-outlook.ts';

export type AuthOutlook =
  | Exclude<AuthEnd, { kind: 'unknown' | 'forbidden' | 'name-taken' }>
  | { readonly kind: 'hindered'; readonly obstacle: TlsObstacle };

export type AuthFinding = {
  readonly status: 'True' | 'False';
  readonly reason: ConditionReason;
  readonly message: string;
  /** Whether it is as the spec has it. */
  readonly isAsWanted: boolean;
};

/** Whether the spec asks for authentication. */
export function isAuthWanted({ cluster }: ObservedCluster): boolean {
  return cluster.spec.security?.auth?.enabled === true;
}

/**
 * Whether etcd may ask clients who they are. Status remembers that nobody has turned it on; where status says nothing
 * of a cluster that is formed, somebody has to look. It is on with TLS for clients only.
 */
export function mayAuthBeOn(observed: ObservedCluster): boolean {
  const { statefulSet } = observed;
  const said = saidBefore(observed);
  if (statefulSet === undefined || statefulSet.tls.client === 'plain') {
    return false;
  }
  return said === undefined ? formationOf(observed) === 'Formed' : said.reason !== OFF;
}

/** Whether status says already that authentication is to be on: who comes next shall know, and be able to turn it off. */
export function isAuthAnnounced(observed: ObservedCluster): boolean {
  const said = saidBefore(observed);
  return said !== undefined && said.reason !== OFF;
}

const OFF: ConditionReason = 'AuthDisabled';
const ON: ConditionReason = 'AuthEnabled';

/** `outlook` is undefined where nobody could be asked: what was said last holds for as long as it can be true. */
export function authFinding(observed: ObservedCluster, outlook: AuthOutlook | undefined): AuthFinding {
  return outlook === undefined
    ? unasked(observed)
    : { ...saidOf(outlook, observed), isAsWanted: isEnd(outlook) };
}

type Said = Omit<AuthFinding, 'isAsWanted'>;

function saidOf(outlook: AuthOutlook, observed: ObservedCluster): Said {
  switch (outlook.kind) {
    case 'off':
      return DISABLED;
    case 'on':
      return onText(outlook);
    case 'held':
      return underWay('etcd’s authentication is turned on once every member serves clients by TLS alone.');
    case 'unfinished':
      return underWay('Users and roles are being made as the spec declares them.');
    case 'delayed':
      return { status: 'False', reason: 'AuthDelayed', message: delayedText(outlook.why, observed) };
    case 'hindered':
      return { status: 'False', ...outlook.obstacle };
  }
}

function isEnd(outlook: AuthOutlook): boolean {
  return outlook.kind === 'off' || (outlook.kind === 'on' && onText(outlook).reason === ON);
}

const DISABLED: Said = {
  status: 'False',
  reason: OFF,
  message: 'spec.security.auth asks for no authentication: whoever etcd lets in may do everything.',
};

function onText({ troubles, rootHasNoPassword }: Extract<AuthOutlook, { kind: 'on' }>): Said {
  const [first] = troubles;
  if (first !== undefined) {
    const reason = troubles.find((each) => each.reason === 'SecretMissing')?.reason ?? first.reason;
    const message = `${troubles.map(({ why }) => why).join('; ')}. Everything else is as declared, and nobody is removed for it.`;
    return { status: 'False', reason, message };
  }
  return rootHasNoPassword
    ? {
        status: 'False',
        reason: 'RootWithoutPassword',
        message:
          'etcd’s user root was made without a password by somebody else, and etcd gives it none any more: it is known by certificate alone. For it to get the one that is declared, turn authentication off, delete the user, and turn it on again.',
      }
    : {
        status: 'True',
        reason: ON,
        message:
          'etcd asks clients who they are, and had the users and roles that are declared when it was last asked.',
      };
}

function delayedText(why: string, observed: ObservedCluster): string {
  return isAuthWanted(observed)
    ? `etcd’s users and roles could not be looked at or changed (${why}); tried again.`
    : `etcd’s authentication could not be turned off (${why}); tried again. TLS stays on until it is.`;
}

function underWay(message: string): Said {
  return { status: 'False', reason: 'AuthUnderWay', message };
}

function unasked(observed: ObservedCluster): AuthFinding {
  const isWanted = isAuthWanted(observed);
  if (!isWanted && !mayAuthBeOn(observed)) {
    return { ...DISABLED, isAsWanted: true };
  }
  const said = saidBefore(observed);
  const reason = LASTING.find((each) => each === said?.reason);
  if (isWanted && said !== undefined && reason !== undefined) {
    const isAsWanted = reason === ON;
    return { status: isAsWanted ? 'True' : 'False', reason, message: said.message, isAsWanted };
  }
  const message = isWanted
    ? 'etcd’s authentication is turned on once its members serve.'
    : 'etcd’s authentication is turned off once a member serves; TLS stays on until then.';
  return { ...underWay(message), isAsWanted: false };
}

/** What holds on while nobody can be asked. */
const LASTING: readonly ConditionReason[] = [
  ON,
  'SecretMissing',
  'PasswordUnusable',
  'RootWithoutPassword',
  'AuthDelayed',
];

/** The condition as it was written last. */
function saidBefore({ cluster }: ObservedCluster): Condition | undefined {
  return cluster.status?.conditions?.find(({ type }) => type === 'AuthReady');
}
