/** Naming a member on the command line: `leader`, `follower`, an ordinal, or a name such as `demo-2`. */
import { randomInt } from 'node:crypto';
import type { Command } from 'commander';
import { chooseMember } from '../demo/choose-member.ts';
import { createRandom } from '../demo/random.ts';
import type { Who } from '../demo/step.ts';
import { createEtcd3Clients } from '../etcd/etcd3-clients.ts';
import { createEtcd3MaintenanceApi } from '../etcd/etcd3-maintenance-api.ts';
import type { ClusterSnapshot, MemberSnapshot } from '../local/cluster-snapshot.ts';
import { LocalClusterError } from '../local/local-cluster-error.ts';
import { EXIT } from './exit-code.ts';

const SEED_END = 2 ** 32;

/**
 * The member that `who` means now.
 *
 * @throws LocalClusterError `ORDINAL_INVALID` when there is none
 */
export async function memberMeant(
  who: string,
  snapshot: ClusterSnapshot,
  signal: AbortSignal,
): Promise<MemberSnapshot> {
  const ordinal = await ordinalMeant(who, snapshot, signal);
  const member = snapshot.members.find((each) => each.ordinal === ordinal);
  if (member === undefined) {
    const names = snapshot.members.map((each) => each.name);
    throw new LocalClusterError(
      'ORDINAL_INVALID',
      `there is no member ${who}; ${names.length === 0 ? 'the cluster has none now' : `there are ${names.join(', ')}`}`,
    );
  }
  return member;
}

async function ordinalMeant(who: string, snapshot: ClusterSnapshot, signal: AbortSignal): Promise<number> {
  const parsed = parseWho(who, snapshot);
  const clients = createEtcd3Clients();
  try {
    const maintenance = createEtcd3MaintenanceApi(clients);
    const random = createRandom(randomInt(SEED_END));
    const chosen = await chooseMember(parsed, snapshot.members, maintenance, random, signal);
    if (typeof chosen !== 'number') {
      throw new LocalClusterError('ORDINAL_INVALID', `${chosen.invalid} right now; name an ordinal instead`);
    }
    return chosen;
  } finally {
    clients.close();
  }
}

function parseWho(who: string, snapshot: ClusterSnapshot): Who {
  if (who === 'leader' || who === 'follower') {
    return who;
  }
  return snapshot.members.find((member) => member.name === who)?.ordinal ?? ordinalIn(who);
}

/** As a number no member has, if need be: the error names those that there are. */
function ordinalIn(who: string): number {
  return /^[0-9]$/.test(who) ? Number(who) : -1;
}

/** Ends the process with wrong usage for what cannot be meant, whatever the cluster is. */
export function checkWho(text: string, command: Command): void {
  if (!/^(leader|follower|[0-8]|[a-z][a-z0-9-]*-[0-8])$/.test(text)) {
    command.error(
      `"${text}" is nobody; give leader, follower, an ordinal from 0 to 8, or a name such as demo-2.`,
      {
        exitCode: EXIT.usage,
      },
    );
  }
}
