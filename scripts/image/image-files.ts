/**
 * The files of the image, in one list: the Dockerfile's build stage and `make image-rootfs` lay out the same.
 */
import { join } from 'node:path';
import { TESTED_ETCD_VERSIONS } from '../../src/model/etcd-version.ts';
import { IMAGE_PROGRAM } from '../../src/resources/paths.ts';

export type ImageFile = {
  /** Path in the checkout, a program of an etcd release, or the compiled code of the program in a folder of the image. */
  readonly from:
    | { readonly checkout: string }
    | { readonly etcd: string; readonly program: 'etcdutl' }
    | { readonly codeOf: string };
  /** Absolute path in the image. */
  readonly to: string;
};

/**
 * What the image holds beside its base: the launcher, the bundle, what it reads at run time, one etcdutl for each
 * minor, and at last, since it takes the others, the compiled code.
 */
export const IMAGE_FILES: readonly ImageFile[] = [
  { from: { checkout: join('scripts', 'image', 'launcher.cjs') }, to: IMAGE_PROGRAM },
  { from: { checkout: join('dist', 'bin', 'quorate.cjs') }, to: '/app/bin/program.cjs' },
  { from: { checkout: join('dist', 'proto') }, to: '/app/proto' },
  { from: { checkout: 'LICENSE' }, to: '/app/LICENSE' },
  { from: { checkout: join('dist', 'LICENSES-OF-OTHERS') }, to: '/app/LICENSES-OF-OTHERS' },
  ...TESTED_ETCD_VERSIONS.map((version): ImageFile => {
    const minor = version.split('.').slice(0, 2).join('.');
    return { from: { etcd: version, program: 'etcdutl' }, to: `/usr/local/bin/etcdutl-${minor}` };
  }),
  { from: { codeOf: '/app/bin' }, to: '/app/bin/program.code' },
];
