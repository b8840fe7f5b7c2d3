/**
 * Lays out the files of the image in a folder that is empty or absent:
 *
 *     node scripts/lay-out-image.ts FOLDER [--with-base]
 *
 * The Dockerfile copies such a folder onto its base image. `--with-base` adds Node and what it needs, for
 * machines that have no docker-compatible builder. Files get the time of $SOURCE_DATE_EPOCH, or 1970.
 */
import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { layOutImage } from './image/lay-out-image.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { 'with-base': { type: 'boolean', default: false } },
});
const [folder] = positionals;
if (folder === undefined || (existsSync(folder) && readdirSync(folder).length > 0)) {
  process.stderr.write(
    'node scripts/lay-out-image.ts FOLDER [--with-base]: FOLDER must be empty or absent\n',
  );
  process.exit(2);
}
await layOutImage({
  root: join(import.meta.dirname, '..'),
  folder: resolve(folder),
  withBase: values['with-base'],
  epochSeconds: Number(process.env['SOURCE_DATE_EPOCH'] ?? 0),
});
