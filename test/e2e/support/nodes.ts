/** What happens to machines: by the command that the run was told of. */
import { spawnSync } from 'node:child_process';
import type { RunFacts } from '../../../scripts/e2e/run-facts.ts';

export type NodeAction = 'stop' | 'start' | 'cut' | 'heal';

/** A node that boots is up within a minute. */
const ACTION_MS_MAX = 180_000;

/**
 * Does `action` to a node. In the command `{node}` stands for the node's name, `{number}` for the digits at its
 * end, and `{action}` for the action; without them, name and action are its last two words.
 * @throws Error when the command fails
 */
export function actOnNode({ nodectl = [] }: RunFacts, node: string, action: NodeAction): void {
  const [program = '', ...args] = nodeCommand(nodectl, node, action);
  const { status, stderr, error } = spawnSync(program, args, { encoding: 'utf8', timeout: ACTION_MS_MAX });
  if (status !== 0) {
    throw new Error(`${[program, ...args].join(' ')} ended with ${status}: ${error?.message ?? stderr}`);
  }
}

/** The words of the command for one action. */
export function nodeCommand(
  template: readonly string[],
  node: string,
  action: NodeAction,
): readonly string[] {
  const number = /[0-9]+$/.exec(node)?.[0] ?? '';
  const filled = template.map((word) =>
    word.replaceAll('{node}', node).replaceAll('{number}', number).replaceAll('{action}', action),
  );
  return filled.join() === template.join() ? [...filled, node, action] : filled;
}
