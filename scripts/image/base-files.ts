/** What `node:24-slim` gives the Dockerfile's image and `make image-rootfs` has to bring itself. */
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Programs of this machine that the image runs, and where they go. */
const PROGRAMS: readonly { readonly from: string; readonly to: string }[] = [
  { from: realpathSync(process.execPath), to: '/usr/local/bin/node' },
  { from: '/usr/bin/mkfifo', to: '/usr/bin/mkfifo' },
  { from: '/bin/sh', to: '/usr/bin/sh' },
];

const TEXTS: Readonly<Record<string, string>> = {
  '/etc/passwd': 'root:x:0:0:root:/:/none\nnonroot:x:65532:65532:nonroot:/app:/none\n',
  '/etc/group': 'root:x:0:\nnonroot:x:65532:\n',
  '/etc/nsswitch.conf': 'hosts: files dns\n',
};

/** Lays out Node, `mkfifo`, a shell, the libraries they need, and the few files a C library reads, below `root`. */
export function layOutBase(root: string): void {
  for (const part of ['bin', 'lib', 'lib64']) {
    mkdirSync(join(root, 'usr', part), { recursive: true });
    symlinkSync(join('usr', part), join(root, part));
  }
  mkdirSync(join(root, 'tmp'), { recursive: true });
  chmodSync(join(root, 'tmp'), 0o1777);
  for (const { from, to } of PROGRAMS) {
    copyProgram(root, from, to);
    for (const library of librariesOf(from)) {
      copyProgram(root, library, library);
    }
  }
  for (const [path, text] of Object.entries(TEXTS)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
}

function copyProgram(root: string, from: string, to: string): void {
  const target = join(root, to);
  mkdirSync(dirname(target), { recursive: true });
  copyFileSync(realpathSync(from), target);
  chmodSync(target, 0o755);
}

/** Each where the loader looks for it. */
function librariesOf(program: string): readonly string[] {
  const listing = execFileSync('ldd', [program], { encoding: 'utf8' });
  return [...listing.matchAll(/(\/\S+) \(0x/g)].map(([, path = '']) => path);
}
