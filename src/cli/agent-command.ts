import { Command } from 'commander';
import { errorText } from '../runtime/error-text.ts';
import { EXIT } from './exit-code.ts';

/** `quorate agent`: configured by the environment alone, as a container is. */
export function agentCommand(): Command {
  return new Command('agent')
    .description('run the agent beside one etcd (configured by QUORATE_* variables)')
    .action(async () => {
      // Not by running out of work: what a library keeps open must not keep a Pod that is told to end.
      process.exit(await runAgentCommand());
    });
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
