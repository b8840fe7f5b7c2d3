/** Puts the definitions of our objects and, if it is to run there, the operator into the cluster, and takes them out again. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { knowsPolicies, LIST_POLICIES } from '../cluster/admission-policies.ts';
import type { E2eSettings } from './e2e-settings.ts';
import { type DeploymentPlace, withImage } from './operator-manifest.ts';
import { operatorsAtWork } from './other-operators.ts';
import { mustRun, runCommand } from './run-command.ts';

const root = join(import.meta.dirname, '..', '..');
export const MANIFEST = join(root, 'manifests', 'install.yaml');
const ADMISSION = join(root, 'manifests', 'admission.yaml');
const DEFINITIONS = join(root, 'manifests', 'crd');
const FIELD_MANAGER = 'quorate-e2e';

/** A Pod on a node that has the image is there within seconds. */
const ROLLOUT_SECONDS_MAX = 120;
const REMOVAL_SECONDS_MAX = 120;

export type InstalledOperator = {
  /** Undefined: it runs on this machine, one for each test. */
  readonly deployment: DeploymentPlace | undefined;
  /** Takes away what was put there; the definitions stay, since other people's clusters would go with them. */
  readonly remove: () => void;
};

/** @throws Error when another operator is at work, or something cannot be installed */
export function installOperator(settings: E2eSettings, image: string): InstalledOperator {
  const { kubectl } = settings;
  if (!settings.keepDefinitions) {
    mustRun([kubectl, 'apply', '--server-side', '--force-conflicts', '-f', DEFINITIONS]);
    mustRun([kubectl, 'wait', '--for=condition=Established', '--timeout=60s', '-f', DEFINITIONS]);
  }
  if (settings.operator === 'host') {
    return { deployment: undefined, remove: () => undefined };
  }
  const others = operatorsAtWork(mustRun([kubectl, 'get', 'leases', '-A', '-o', 'json']), Date.now());
  if (others.length > 0) {
    throw new Error(
      `other operators are at work in this cluster: ${others.join(', ')}. Stop them, or set QUORATE_E2E_OPERATOR=host`,
    );
  }
  const { manifest, deployment } = withImage(readFileSync(MANIFEST, 'utf8'), image);
  apply(kubectl, manifest);
  const hasPolicies = knowsPolicies(mustRun([kubectl, ...LIST_POLICIES]));
  if (hasPolicies) {
    apply(kubectl, readFileSync(ADMISSION, 'utf8'));
  }
  const place = ['-n', deployment.namespace, `deployment/${deployment.name}`];
  mustRun([kubectl, 'rollout', 'status', ...place, `--timeout=${ROLLOUT_SECONDS_MAX}s`], {
    timeoutMs: ROLLOUT_SECONDS_MAX * 1_500,
  });
  return {
    deployment,
    remove: () => {
      const flags = ['--ignore-not-found', `--timeout=${REMOVAL_SECONDS_MAX}s`];
      if (hasPolicies) {
        runCommand([kubectl, 'delete', ...flags, '-f', ADMISSION]);
      }
      runCommand([kubectl, 'delete', ...flags, '-f', '-'], {
        input: manifest,
        timeoutMs: REMOVAL_SECONDS_MAX * 1_500,
      });
    },
  };
}

function apply(kubectl: string, input: string): void {
  const flags = ['--server-side', '--force-conflicts', `--field-manager=${FIELD_MANAGER}`];
  mustRun([kubectl, 'apply', ...flags, '-f', '-'], { input });
}
