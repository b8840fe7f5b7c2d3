/**
 * Bundles `src/main.ts` into `dist/bin/quorate.cjs`: one file starts faster and takes less memory than
 * hundreds. etcd3 reads its .proto files from `../proto`, so they are copied there.
 */
import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { build, type Plugin } from 'esbuild';

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

await build({
  entryPoints: [join(root, 'src', 'main.ts')],
  outfile,
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'cjs',
  minify: true,
  sourcemap: 'linked',
  // The notices of licences, which go beside it: nothing but ASCII is left.
  legalComments: 'external',
  charset: 'ascii',
  logLevel: 'error',
  alias: {
    'prom-client': join(root, 'scripts', 'slim', 'prom-client.cjs'),
  },
  define: { 'import.meta.dirname': '__dirname' },
  plugins: [leavingOut(CLIENT_NODE_UNUSED)],
});

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
