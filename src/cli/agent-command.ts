import { Command } from 'commander';
import { errorText } from '../runtime/error-text.ts';
import { EXIT } from './exit-code.ts';

/** What ends by itself once all is closed does so within 1 s: gRPC clients that were connecting (etcd3 1.1). */
const END_MS_MAX = 3_000;

/** `quorate agent`: configured by the environment alone, as a container is. */
export function agentCommand(): Command {
  return new Command('agent')
    .description('run the agent beside one etcd (configured by QUORATE_* variables)')
    .action(async () => {
      process.exitCode = await runAgentCommand();
      endAtLast();
    });
}

/**
 * Ends a process that does not end although all is closed, and says what holds it. A Pod that has to be
 * killed costs its member the rest of the grace period, in which its successor cannot start.
 */
function endAtLast(): void {
  const end = (): void => {
    const holders = process.getActiveResourcesInfo().join(', ');
    process.stderr.write(`quorate agent: ended by force, since something was left open: ${holders}\n`);
    process.exit();
  };
  setTimeout(end, END_MS_MAX).unref();
}

async function runAgentCommand(): Promise<number> {
  const [{ readAgentConfig }, { runAgent }] = await Promise.all([
    import('../agent/config.ts'),
    import('../agent/main.ts'),
  ]);
  const finding = readAgentConfig(process.env);
  if (!finding.ok) {
    process.stderr.write(
      finding.problems.map((problem) => `quorate agent: CONFIG_INVALID: ${problem}\n`).join(''),
    );
    return EXIT.usage;
  }
  const stop = new AbortController();
  for (const name of ['SIGTERM', 'SIGINT'] as const) {
    process.once(name, () => stop.abort());
  }
  try {
    await runAgent(finding.config, stop.signal);
    return EXIT.ok;
  } catch (error) {
    process.stderr.write(`quorate agent: ${errorText(error)}\n`);
    return EXIT.failure;
  } finally {
    // What was started before the failure, the gate above all, would keep the process alive.
    stop.abort();
  }
}
