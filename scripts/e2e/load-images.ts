/** Gives the nodes what they cannot pull: the program's image, and etcd's of every tested version. */
import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { isInstallProblem } from '../../src/etcd/install/etcd-binaries.ts';
import { installEtcd } from '../../src/etcd/install/find-etcd.ts';
import { installDeps } from '../../src/etcd/install/install-deps.ts';
import { parseEtcdVersion, TESTED_ETCD_VERSIONS } from '../../src/model/etcd-version.ts';
import type { E2eSettings } from './e2e-settings.ts';
import { folderHash } from './folder-hash.ts';
import { isOnEveryNode } from './node-images.ts';
import { mustRun } from './run-command.ts';

/** Where the API's default says etcd's images are. */
const ETCD_REPOSITORY = 'quay.io/coreos/etcd';
const ETCD_PROGRAMS = ['etcd', 'etcdctl', 'etcdutl'] as const;
/** `nonroot` of distroless images, as whom everything runs. */
const USER = '65532';
const ENTRYPOINT = ['/usr/local/bin/node', '/app/bin/quorate.cjs'];

/** A build of one etcd release from its Go modules takes minutes. */
const INSTALL_MS_MAX = 30 * 60_000;
/** 200 MB to each of a few nodes, on a busy machine. */
const LOAD_MS_MAX = 5 * 60_000;

const root = join(import.meta.dirname, '..', '..');

/** Bundles the sources and lays out the image in `folder`; the image's program is the bundle in there. */
export function layOutImage(folder: string): void {
  mustRun([process.execPath, join(root, 'scripts', 'bundle.ts')]);
  mustRun([process.execPath, join(root, 'scripts', 'lay-out-image.ts'), folder, '--with-base'], {
    timeoutMs: INSTALL_MS_MAX,
  });
}

/** The image to test, on every node: the one that is named, or the one in `folder`, tagged by its content. */
export function provideImage(settings: E2eSettings, folder: string): string {
  if (settings.image !== undefined) {
    return settings.image;
  }
  const image = `${settings.repository}:e2e-${folderHash(folder)}`;
  load(settings, image, folder, ENTRYPOINT);
  return image;
}

/** etcd's images out of the binaries that the local clusters run; `folder` is for laying them out. */
export async function provideEtcd(settings: E2eSettings, folder: string): Promise<void> {
  if (settings.loadImage === undefined || settings.nodesPullEtcd) {
    return;
  }
  for (const text of TESTED_ETCD_VERSIONS) {
    const version = parseEtcdVersion(text);
    if (version === undefined) {
      throw new Error(`"${text}" is no etcd version`);
    }
    const deps = installDeps(process.env, () => undefined);
    const found = await installEtcd(version, deps, AbortSignal.timeout(INSTALL_MS_MAX));
    if (isInstallProblem(found)) {
      throw new Error(found.message);
    }
    const rootfs = join(folder, text);
    mkdirSync(join(rootfs, 'usr', 'local', 'bin'), { recursive: true });
    for (const program of ETCD_PROGRAMS) {
      copyFileSync(found[program], join(rootfs, 'usr', 'local', 'bin', program));
    }
    load(settings, `${ETCD_REPOSITORY}:v${text}`, rootfs, ['/usr/local/bin/etcd']);
  }
}

function load(settings: E2eSettings, image: string, folder: string, entrypoint: readonly string[]): void {
  if (isOnEveryNode(mustRun([settings.kubectl, 'get', 'nodes', '-o', 'json']), image)) {
    return;
  }
  const flags = ['--entrypoint', JSON.stringify(entrypoint), '--user', USER];
  mustRun([...(settings.loadImage ?? []), image, folder, ...flags], { timeoutMs: LOAD_MS_MAX });
}
