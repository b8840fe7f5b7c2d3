/**
 * Bundles `src/main.ts` into `dist/bin/quorate.cjs`: one file starts faster and takes less memory than
 * hundreds. etcd3 reads its .proto files from `../proto`, so they are copied there. `dist/LICENSES-OF-OTHERS` is
 * what the licences of the packages in it want to be passed on.
 */
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, type Plugin } from 'esbuild';
import { readLockFile } from './supply/lock-file.ts';
import { noticesOf } from './supply/notices.ts';

/**
 * Of client-node the operator uses what reads kubeconfigs. Its other imports (API models, OIDC, proxies) cost
 * 20 MB and 80 ms; what needs them fails by name.
 */
const CLIENT_NODE_UNUSED =
  /^(undici|socks|socks-proxy-agent|hpagent|openid-client|jsonpath-plus|rfc4648)$|gen\/index|middleware/;

const root = join(import.meta.dirname, '..');
const outfile = join(root, 'dist', 'bin', 'quorate.cjs');

mkdirSync(join(root, 'dist', 'proto'), { recursive: true });
cpSync(join(root, 'node_modules', 'etcd3', 'proto'), join(root, 'dist', 'proto'), { recursive: true });

const { metafile } = await build({
  absWorkingDir: root,
  metafile: true,
  entryPoints: [join(root, 'src', 'main.ts')],
  outfile,
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'cjs',
  minify: true,
  sourcemap: 'linked',
  // Whole licences go beside it.
  legalComments: 'none',
  charset: 'ascii',
  logLevel: 'error',
  alias: {
    'prom-client': join(root, 'scripts', 'slim', 'prom-client.cjs'),
  },
  define: { 'import.meta.dirname': '__dirname' },
  plugins: [leavingOut(CLIENT_NODE_UNUSED)],
});
const bundled = Object.values(metafile.outputs).flatMap(({ inputs }) =>
  Object.entries(inputs).flatMap(([path, { bytesInOutput }]) => (bytesInOutput > 0 ? [path] : [])),
);
writeFileSync(join(root, 'dist', 'LICENSES-OF-OTHERS'), noticesOf(root, bundled, readLockFile(root)));

function leavingOut(unused: RegExp): Plugin {
  const stub = join(root, 'scripts', 'slim', 'left-out.cjs');
  return {
    name: 'leaving-out',
    setup: ({ onResolve }) => {
      onResolve({ filter: unused }, ({ importer }) =>
        importer.includes(join('client-node', 'dist')) ? { path: stub } : undefined,
      );
    },
  };
}
