/** How an end-to-end run is set: by KUBECONFIG, a command that loads images, and a few wishes, all in the environment. */
import { existsSync } from 'node:fs';
import { isAbsolute } from 'node:path';

/** `auth` is TLS with etcd's own authentication. */
export const SECURITY_MODES = ['plain', 'tls', 'auth'] as const;

export type SecurityMode = (typeof SECURITY_MODES)[number];

export type E2eSettings = {
  /** `kubectl` of the cluster's version. */
  readonly kubectl: string;
  /** Called as `… NAME:TAG FOLDER --entrypoint JSON --user UID`; undefined: the nodes pull all images. */
  readonly loadImage: readonly string[] | undefined;
  /** An image that the nodes have or pull; undefined: it is laid out here and loaded. */
  readonly image: string | undefined;
  /** Where the image that is laid out here belongs, without a tag. */
  readonly repository: string;
  /** Whether nodes get etcd's images from their registry, although there is a command to load them. */
  readonly nodesPullEtcd: boolean;
  /** In the cluster, from its manifest; or a process of this machine for each test, which has to reach Pods. */
  readonly operator: 'in-cluster' | 'host';
  /** Called as `… NODE stop|start|cut|heal`; undefined: no test pulls a node's plug. */
  readonly nodectl: readonly string[] | undefined;
  /** Restarts the API server and returns; undefined: no test does. */
  readonly restartApi: readonly string[] | undefined;
  /** The API server's audit log, by `scripts/rights/audit-policy.yaml`; undefined: nobody compares rights with calls. */
  readonly auditLog: string | undefined;
  /** Leave the CustomResourceDefinitions as they are: others use the cluster, with another version of them. */
  readonly keepDefinitions: boolean;
  /** How many test files run side by side, and as many of those that mostly wait, each with one cluster at a time. */
  readonly filesAtOnce: number;
  /** How clusters are secured where a test does not say it itself. */
  readonly security: SecurityMode;
  /** Leave everything in the cluster as it is at the end. */
  readonly keep: boolean;
  /** Where failed tests leave what they saw; undefined: a new folder of the system's for temporary files. */
  readonly artefacts: string | undefined;
};

/** Two clusters at a time are what two cores carry. */
const FILES_AT_ONCE_DEFAULT = 2;

type Environment = Readonly<Record<string, string | undefined>>;

/** The settings in `environment`, or everything that is wrong with it, one sentence each. */
export function readSettings(
  environment: Environment,
  hasManifest: boolean,
): E2eSettings | { readonly problems: readonly string[] } {
  const text = (name: string): string | undefined => environment[`QUORATE_E2E_${name}`] || undefined;
  const loadImage = commandOf(text('LOAD_IMAGE'));
  const image = text('IMAGE');
  const operator = text('OPERATOR') ?? (hasManifest ? 'in-cluster' : 'host');
  const artefacts = text('ARTEFACTS');
  const auditLog = text('AUDIT_LOG');
  const filesAtOnce = Number(text('FILES_AT_ONCE') ?? FILES_AT_ONCE_DEFAULT);
  const security = SECURITY_MODES.find((mode) => mode === (text('SECURITY') ?? 'plain'));
  const problems = [
    ...kubeconfigProblems(environment['KUBECONFIG']),
    ...(loadImage === undefined && image === undefined
      ? [
          'QUORATE_E2E_LOAD_IMAGE is not set: name a command that gives an image to every node, such as scripts/e2e/load-into-kind, or set QUORATE_E2E_IMAGE to an image that the nodes can pull',
        ]
      : []),
    ...(operator === 'in-cluster' && !hasManifest
      ? ['QUORATE_E2E_OPERATOR is in-cluster, and there is no manifests/install.yaml: run `make manifests`']
      : []),
    ...(operator === 'in-cluster' || operator === 'host'
      ? []
      : [`QUORATE_E2E_OPERATOR is "${operator}"; it must be in-cluster or host`]),
    ...wishProblems({ filesAtOnce, security }, text),
    ...pathProblems({ QUORATE_E2E_ARTEFACTS: artefacts, QUORATE_E2E_AUDIT_LOG: auditLog }),
  ];
  if (problems.length > 0 || security === undefined || (operator !== 'in-cluster' && operator !== 'host')) {
    return { problems };
  }
  return {
    kubectl: text('KUBECTL') ?? 'kubectl',
    loadImage,
    image,
    repository: text('IMAGE_REPOSITORY') ?? 'quorate',
    nodesPullEtcd: text('PULL_ETCD') === '1',
    operator,
    nodectl: commandOf(text('NODECTL')),
    restartApi: commandOf(text('API_RESTART')),
    auditLog,
    keepDefinitions: text('KEEP_CRDS') === '1',
    filesAtOnce,
    security,
    keep: text('KEEP') === '1',
    artefacts,
  };
}

/** Named on purpose: nobody's tests shall run in whatever cluster their kubectl happens to point at. */
function kubeconfigProblems(kubeconfig: string | undefined): readonly string[] {
  if (kubeconfig === undefined || kubeconfig === '') {
    return ['KUBECONFIG is not set: name the kubeconfig of a cluster that tests may use'];
  }
  return kubeconfig.split(':').some((path) => existsSync(path))
    ? []
    : [`KUBECONFIG names no file that exists: ${kubeconfig}`];
}

function pathProblems(paths: Environment): readonly string[] {
  return Object.entries(paths).flatMap(([name, path]) =>
    path === undefined || isAbsolute(path) ? [] : [`${name} is "${path}"; it must be an absolute path`],
  );
}

/** A program and its arguments, separated by blanks; there is no shell to quote for. */
function commandOf(text: string | undefined): readonly string[] | undefined {
  const words = text?.split(/\s+/).filter((word) => word !== '') ?? [];
  return words.length === 0 ? undefined : words;
}

function wishProblems(
  { filesAtOnce, security }: { readonly filesAtOnce: number; readonly security: SecurityMode | undefined },
  text: (name: string) => string | undefined,
): readonly string[] {
  return [
    ...(Number.isInteger(filesAtOnce) && filesAtOnce >= 1
      ? []
      : [`QUORATE_E2E_FILES_AT_ONCE is "${text('FILES_AT_ONCE')}"; it must be a whole number from 1 on`]),
    ...(security === undefined
      ? [`QUORATE_E2E_SECURITY is "${text('SECURITY')}"; it must be ${SECURITY_MODES.join(', ')}`]
      : []),
  ];
}
