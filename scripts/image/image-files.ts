/**
 * The files of the image, in one list: the Dockerfile's build stage and `make image-rootfs` lay out the same.
 */
import { join } from 'node:path';
import { TESTED_ETCD_VERSIONS } from '../../src/model/etcd-version.ts';

export type ImageFile = {
  /** Path in the checkout, or a program of an etcd release. */
  readonly from: { readonly checkout: string } | { readonly etcd: string; readonly program: 'etcdutl' };
  /** Absolute path in the image. */
  readonly to: string;
};

/** Where the program is in the image. */
export const PROGRAM = '/app/bin/quorate.cjs';

/** What the image holds beside its base: the bundle, what it reads at run time, and one etcdutl for each minor. */
export const IMAGE_FILES: readonly ImageFile[] = [
  { from: { checkout: join('dist', 'bin', 'quorate.cjs') }, to: PROGRAM },
  { from: { checkout: join('dist', 'proto') }, to: '/app/proto' },
  { from: { checkout: 'LICENSE' }, to: '/app/LICENSE' },
  ...TESTED_ETCD_VERSIONS.map((version): ImageFile => {
    const minor = version.split('.').slice(0, 2).join('.');
    return { from: { etcd: version, program: 'etcdutl' }, to: `/usr/local/bin/etcdutl-${minor}` };
  }),
];
