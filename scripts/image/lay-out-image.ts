import { cp, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isInstallProblem } from '../../src/etcd/install/etcd-binaries.ts';
import { installEtcd } from '../../src/etcd/install/find-etcd.ts';
import { installDeps } from '../../src/etcd/install/install-deps.ts';
import { parseEtcdVersion } from '../../src/model/etcd-version.ts';
import { layOutBase } from './base-files.ts';
import { compileCode } from './compile-code.ts';
import { IMAGE_FILES, type ImageFile } from './image-files.ts';
import { settleAttributes } from './settle-attributes.ts';

/** A build of one etcd release from its Go modules takes minutes. */
const INSTALL_MS_MAX = 30 * 60_000;

export type Layout = {
  /** The checkout, in which the bundle is up to date. */
  readonly root: string;
  /** Empty or absent. */
  readonly folder: string;
  /** Whether Node and what it needs is laid out, too, for machines that have no base image. */
  readonly withBase: boolean;
  /** Time of every file, in seconds since 1970. */
  readonly epochSeconds: number;
};

/** Lays out the image's files: the same bytes, names, modes and times for the same checkout, Node and etcd binaries. */
export async function layOutImage({ root, folder, withBase, epochSeconds }: Layout): Promise<void> {
  await mkdir(folder, { recursive: true });
  if (withBase) {
    layOutBase(folder);
  }
  for (const { from, to } of IMAGE_FILES) {
    const target = join(folder, to);
    await mkdir(dirname(target), { recursive: true });
    if ('codeOf' in from) {
      await compileCode(join(folder, from.codeOf), target);
    } else {
      await cp(await sourceOf(from, root), target, { recursive: true, dereference: true });
    }
  }
  await settleAttributes(folder, epochSeconds);
}

async function sourceOf(
  from: Exclude<ImageFile['from'], { readonly codeOf: string }>,
  root: string,
): Promise<string> {
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
