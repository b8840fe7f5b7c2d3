import { fetchSnapshot, sendCommand } from '../local/control-client.ts';
import { EXIT } from './exit-code.ts';
import { interruptible } from './interruptible.ts';
import type { OutputFormat } from './output-option.ts';
import { printResult } from './output-option.ts';
import { stateFlagOf, stateFolderOf } from './state-folder.ts';
import { statusReportOf } from './status-report.ts';
import { gaveUpText, waitForMembers } from './wait-for-members.ts';

export type ScaleArguments = {
  readonly state?: string;
  readonly wait: boolean;
  readonly output: OutputFormat;
};

/**
 * What `quorate scale` does; gives the exit code.
 *
 * @throws LocalClusterError as `sendCommand`
 */
export function runScale(replicas: number, options: ScaleArguments): Promise<number> {
  const folder = stateFolderOf(options.state, process.env);
  return interruptible(async (signal) => {
    const before = await fetchSnapshot(folder, signal);
    const startedMs = performance.now();
    await sendCommand(folder, { command: 'scale', replicas }, signal);
    const result = { replicasBefore: before.replicas, replicas };
    if (!options.wait) {
      printResult(options.output, result, `wanted size ${before.replicas} → ${replicas}\n`);
      return EXIT.ok;
    }
    const waited = await waitForMembers(folder, signal);
    if (waited.kind === 'gave-up') {
      process.stderr.write(
        `quorate scale: ${gaveUpText(waited, `quorate status${stateFlagOf(options.state)}`)}`,
      );
      return EXIT.failure;
    }
    const seconds = Math.round(performance.now() - startedMs) / 1000;
    const text = `${before.replicas} → ${replicas} in ${seconds.toFixed(1)} s\n`;
    printResult(options.output, { ...result, seconds, status: statusReportOf(waited.snapshot) }, text);
    return EXIT.ok;
  });
}
