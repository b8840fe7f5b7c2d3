import type { KubeConfig } from '@kubernetes/client-node/dist/config.js';
import { errorText } from '../runtime/error-text.ts';
import type { ApiCredentials, Credentials, TlsIdentity } from './api-credentials.ts';
import { rememberCredentials } from './remember-credentials.ts';

/** Where the kubeconfig is. */
export type KubeConfigPlace =
  /** `KUBECONFIG`, `~/.kube/config`, or the Pod's ServiceAccount, whichever is there first. */
  | { readonly kind: 'usual' }
  | { readonly kind: 'file'; readonly path: string }
  /** The ServiceAccount of the Pod whose file system is at `root`: empty for the one we run in. */
  | { readonly kind: 'service-account'; readonly root: string };

export type CredentialsFound =
  | { readonly kind: 'found'; readonly credentials: ApiCredentials }
  /** There is none, or none that can be used; `why` says what was seen and what to do. */
  | { readonly kind: 'unusable'; readonly why: string };

/**
 * Finds the API server and our credentials as @kubernetes/client-node does: certificates, tokens, token files
 * that rotate, exec plugins. Only this file of the library is loaded, and only when asked for. In a bundle that
 * leaves out what we never reach of it (proxies, OpenID, the generated client) it costs 4 MB and 10 ms, with
 * that 18 MB; the whole library unbundled 130 MB and a second.
 */
export async function findCredentials(
  place: KubeConfigPlace,
  nowMs: () => number,
): Promise<CredentialsFound> {
  try {
    const { KubeConfig } = await import('@kubernetes/client-node/dist/config.js');
    const load = (): KubeConfig => loadFrom(place, new KubeConfig());
    const config = load();
    const unusable = whyUnusable(config);
    if (unusable !== undefined) {
      return { kind: 'unusable', why: unusable };
    }
    return {
      kind: 'found',
      credentials: {
        server: config.getCurrentCluster()?.server ?? '',
        namespace: config.getContextObject(config.getCurrentContext())?.namespace,
        read: rememberCredentials({ load, show, nowMs }),
      },
    };
  } catch (error) {
    return { kind: 'unusable', why: `the kubeconfig cannot be used: ${errorText(error)}` };
  }
}

function loadFrom(place: KubeConfigPlace, config: KubeConfig): KubeConfig {
  switch (place.kind) {
    case 'usual':
      config.loadFromDefault();
      break;
    case 'file':
      config.loadFromFile(place.path);
      break;
    case 'service-account':
      config.loadFromCluster(place.root);
      break;
  }
  return config;
}

/** Where the library finds nothing it guesses this (2.0.1, `loadFromDefault`). */
const GUESSED_SERVER = 'http://localhost:8080';

function whyUnusable(config: KubeConfig): string | undefined {
  const cluster = config.getCurrentCluster();
  if (cluster === null) {
    const context = config.getCurrentContext();
    return `the kubeconfig's current context "${context}" names no cluster: choose one with kubectl config use-context`;
  }
  if (cluster.server === GUESSED_SERVER && cluster.name === 'cluster') {
    return 'there is no kubeconfig: KUBECONFIG is not set, ~/.kube/config is not there, and this is no Pod';
  }
  return cluster.proxyUrl === undefined
    ? undefined
    : 'the kubeconfig asks for a proxy (proxy-url), which is not supported: use a direct connection';
}

/** What a client of this configuration would show: files are read, and a plugin is run if there is one. */
async function show(config: KubeConfig): Promise<Credentials> {
  const asked: HttpsOptions = {};
  await config.applyToHTTPSOptions(asked);
  const tls: TlsIdentity = {
    ...pem('ca', asked.ca),
    ...pem('cert', asked.cert),
    ...pem('key', asked.key),
    ...(asked.servername === undefined ? {} : { servername: asked.servername }),
    ...(asked.rejectUnauthorized === undefined ? {} : { rejectUnauthorized: asked.rejectUnauthorized }),
  };
  const password =
    typeof asked.auth === 'string'
      ? { authorization: `Basic ${Buffer.from(asked.auth).toString('base64')}` }
      : {};
  return { headers: { ...password, ...headersOf(asked.headers) }, tls };
}

type HttpsOptions = Parameters<KubeConfig['applyToHTTPSOptions']>[0];

function pem(field: 'ca' | 'cert' | 'key', value: unknown): TlsIdentity {
  if (Buffer.isBuffer(value)) {
    return { [field]: value.toString('utf8') };
  }
  return typeof value === 'string' ? { [field]: value } : {};
}

/** A token file may end with a line feed, which no header may contain. */
function headersOf(headers: unknown): Readonly<Record<string, string>> {
  const pairs = typeof headers === 'object' && headers !== null ? Object.entries(headers) : [];
  return Object.fromEntries(
    pairs.flatMap(([name, value]) => (typeof value === 'string' ? [[name.toLowerCase(), value.trim()]] : [])),
  );
}
