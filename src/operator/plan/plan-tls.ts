/** How a cluster gets from plain text to TLS and back: one step of the way at a time, each with one roll-out. */
import { isClientTlsOn, isPeerTlsOn } from '../../api/security-rules.ts';
import type { SecuritySpec } from '../../api/security-spec.ts';
import type { TlsMode } from '../../resources/tls-mode.ts';

export type TlsView = {
  readonly security: SecuritySpec | undefined;
  /** What the template of the set says; null while there is no set. */
  readonly template: TlsMode | null;
  /** Whether every Pod is of that template, and every member serves under the URL it is listed with. */
  readonly isSettled: boolean;
  /** Whether clients could move to what they are to speak, since every member began to take both. */
  readonly haveClientsHadTime: boolean;
  /** Whether etcd may ask clients who they are: without TLS nobody could show it any more, agents first of all. */
  readonly mayAuthBeOn: boolean;
};

export type TlsPlan = {
  /** What the template is to say. */
  readonly mode: TlsMode;
  /** Where this leads to. */
  readonly goal: TlsMode;
  /** Whether it goes no further for now so that clients can move. */
  readonly isForClients: boolean;
};

const CLIENT_WAY: readonly TlsMode['client'][] = ['plain', 'both', 'tls'];
const PEER_WAY: readonly TlsMode['peer'][] = ['plain', 'prepared', 'tls'];

/**
 * A new cluster begins where it is to be. One that runs goes on only once every member has come as far as the last
 * step, and clients had time: from then on each member takes what the first one of the next step says (F82).
 */
export function planTls(view: TlsView): TlsPlan {
  const { security, template, isSettled } = view;
  const goal = tlsGoalOf(security);
  const isForClients = template?.client === 'both' && !view.haveClientsHadTime;
  if (template === null) {
    return { mode: goal, goal, isForClients };
  }
  const mode = isSettled && !isForClients ? nextMode(view, template, goal) : template;
  return { mode, goal, isForClients };
}

function nextMode({ mayAuthBeOn }: TlsView, template: TlsMode, goal: TlsMode): TlsMode {
  return {
    client:
      mayAuthBeOn && goal.client === 'plain'
        ? template.client
        : stepTowards(CLIENT_WAY, template.client, goal.client),
    peer: stepTowards(PEER_WAY, template.peer, goal.peer),
  };
}

/** What the spec asks for. */
export function tlsGoalOf(security: SecuritySpec | undefined): TlsMode {
  return {
    client: isClientTlsOn(security) ? 'tls' : 'plain',
    peer: isPeerTlsOn(security) ? 'tls' : 'plain',
  };
}

/** Whether nothing is encrypted, now and in the end. */
export function needsNoCertificates({ mode, goal }: Pick<TlsPlan, 'mode' | 'goal'>): boolean {
  return [mode, goal].every(({ client, peer }) => client === 'plain' && peer === 'plain');
}

function stepTowards<T>(way: readonly T[], from: T, to: T): T {
  const [at, end] = [way.indexOf(from), way.indexOf(to)];
  return way[at + Math.sign(end - at)] ?? to;
}
