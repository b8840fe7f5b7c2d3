/**
 * Lays out the files of the image in a folder that is empty or absent:
 *
 *     node scripts/lay-out-image.ts FOLDER [--with-base]
 *
 * The Dockerfile copies such a folder onto its base image. `--with-base` adds Node and what it needs, for
 * machines that have no docker-compatible builder.
 */
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { isInstallProblem } from '../src/etcd/install/etcd-binaries.ts';
import { installEtcd } from '../src/etcd/install/find-etcd.ts';
import { installDeps } from '../src/etcd/install/install-deps.ts';
import { parseEtcdVersion } from '../src/model/etcd-version.ts';
import { layOutBase } from './image/base-files.ts';
import { IMAGE_FILES, type ImageFile } from './image/image-files.ts';

/** A build of one etcd release from its Go modules takes minutes. */
const INSTALL_MS_MAX = 30 * 60_000;

const root = join(import.meta.dirname, '..');
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
mkdirSync(folder, { recursive: true });
if (values['with-base']) {
  layOutBase(folder);
}
for (const file of IMAGE_FILES) {
  const target = join(folder, file.to);
  mkdirSync(dirname(target), { recursive: true });
  cpSync(await sourceOf(file), target, { recursive: true, dereference: true });
}
chmodSync(join(folder, 'app'), 0o755);

async function sourceOf({ from }: ImageFile): Promise<string> {
  if ('checkout' in from) {
    return join(root, from.checkout);
  }
  const version = parseEtcdVersion(from.etcd);
  if (version === undefined) {
    throw new Error(`"${from.etcd}" is no etcd version`);
  }
  const found = await installEtcd(
    version,
    installDeps(process.env, () => undefined),
    AbortSignal.timeout(INSTALL_MS_MAX),
  );
  if (isInstallProblem(found)) {
    throw new Error(found.message);
  }
  return found[from.program];
}
