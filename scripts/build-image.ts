/**
 * Builds the image with the first builder of this machine that works:
 *
 *     node scripts/build-image.ts NAME:TAG
 *
 * The time of its files is $SOURCE_DATE_EPOCH, or that of the last commit.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { chooseBuilder } from './image/builders.ts';

const root = join(import.meta.dirname, '..');
const [name] = process.argv.slice(2);
if (name === undefined) {
  process.stderr.write('node scripts/build-image.ts NAME:TAG\n');
  process.exit(2);
}
const choice = chooseBuilder((program, args) => outputOf(program, args) !== undefined);
if ('missing' in choice) {
  process.stderr.write(`${choice.missing}\n`);
  process.exit(1);
}
const epoch = process.env['SOURCE_DATE_EPOCH'] ?? outputOf('git', ['log', '-1', '--format=%ct']) ?? '0';
const { program, build } = choice;
process.stderr.write(`Building ${name} with ${program} …\n`);
const { status } = spawnSync(program, build(name, epoch), {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, SOURCE_DATE_EPOCH: epoch },
});
process.exit(status ?? 1);

/** What it writes, trimmed; undefined when it is missing or fails. */
function outputOf(program: string, args: readonly string[]): string | undefined {
  const { status: code, stdout } = spawnSync(program, args, { cwd: root, encoding: 'utf8' });
  return code === 0 ? stdout.trim() : undefined;
}
