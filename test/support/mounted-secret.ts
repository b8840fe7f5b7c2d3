import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { KeyPair } from '../../src/pki/certificate.ts';

/** A Secret as the kubelet mounts it: the files of one moment in a folder of their own, and a link that is swapped. */
export type MountedSecret = {
  readonly folder: string;
  readonly put: (files: Readonly<Record<string, string>>) => Promise<void>;
};

export async function aMountedSecret(t: TestContext): Promise<MountedSecret> {
  const folder = await mkdtemp(join(tmpdir(), 'quorate-secret-'));
  t.after(() => rm(folder, { recursive: true }));
  let moment = 0;
  return {
    folder,
    put: async (files) => {
      moment += 1;
      await mkdir(join(folder, `..${moment}`));
      for (const [name, text] of Object.entries(files)) {
        await writeFile(join(folder, `..${moment}`, name), text);
      }
      await symlink(`..${moment}`, join(folder, '..tmp'));
      await rename(join(folder, '..tmp'), join(folder, '..data'));
    },
  };
}

/** The files of a Secret with `pair`, which is to be checked by `authorities`. */
export function tlsFilesOf(
  pair: KeyPair,
  authorities: string,
  key = pair.key,
): Readonly<Record<string, string>> {
  return { 'tls.crt': pair.certificate, 'tls.key': key, 'ca.crt': authorities };
}
