import type { ClusterSnapshot } from '../local/cluster-snapshot.ts';
import { awaitWhole, type Waited } from './await-whole.ts';
import { waitLine } from './wait-line.ts';

/**
 * Waits as `awaitWhole` does, and shows on stderr what is being waited for.
 *
 * @throws as `awaitWhole`
 */
export async function waitForMembers(folder: string, signal: AbortSignal): Promise<Waited> {
  const line = waitLine(process.stderr);
  try {
    return await awaitWhole(
      folder,
      (snapshot, missing) => {
        if (missing.length > 0) {
          line.show(progressText(snapshot, missing));
        }
      },
      signal,
    );
  } finally {
    line.end();
  }
}

/** Such as `2 of 3 members serve; demo-2: wait (JoinTurn): …`. */
function progressText({ members, replicas }: ClusterSnapshot, missing: readonly string[]): string {
  const serving = members.filter(
    ({ word, etcd, ordinal }) =>
      ordinal < replicas &&
      etcd.pid !== null &&
      word.kind === 'answers' &&
      word.status.decision.stage === 'serving',
  ).length;
  return `${serving} of ${replicas} members serve; ${missing[0] ?? ''}`;
}

/** What to tell when it was waited in vain; ends with a newline. */
export function gaveUpText(
  waited: Extract<Waited, { readonly kind: 'gave-up' }>,
  statusCommand: string,
): string {
  return `not there after ${waited.limitSeconds} s: ${waited.missing.join('; ')}; it goes on by itself, see \`${statusCommand}\`\n`;
}
