import {
  DEFAULT_ETCD_VERSION,
  type EtcdVersion,
  formatEtcdVersion,
  parseEtcdVersion,
} from '../../model/etcd-version.ts';
import type { ObservedCluster } from './observed-cluster.ts';
import { SIZE_DEFAULT } from './plan-size.ts';
import { versionStep } from './version-step.ts';

/** Which version the Pod template has, and why not the one that is wanted. */
export type VersionPlan = {
  readonly version: EtcdVersion;
  readonly wanted: EtcdVersion;
  /** The oldest version any member runs; undefined while none has said. */
  readonly running: EtcdVersion | undefined;
  readonly blocked?: { readonly reason: 'StepNotSupported' | 'ScalingUnderWay'; readonly message: string };
};

/** A legal step goes into the template at once; one that is not, or that meets a scaling, leaves it as it is. */
export function planVersion(observed: ObservedCluster, template: EtcdVersion | undefined): VersionPlan {
  const wanted = wantedVersion(observed.cluster.spec.version);
  const running = oldestVersion(observed) ?? parseEtcdVersion(observed.cluster.status?.version ?? '');
  if (template === undefined || running === undefined) {
    return { version: wanted, wanted, running };
  }
  const step = versionStep(running, wanted);
  if (step.kind === 'blocked') {
    return {
      version: template,
      wanted,
      running,
      blocked: { reason: 'StepNotSupported', message: step.message },
    };
  }
  const isAlready = formatEtcdVersion(template) === formatEtcdVersion(wanted);
  if (step.kind === 'allowed' && !isAlready && isScaling(observed)) {
    const message = `Going to ${formatEtcdVersion(wanted)} once the cluster has the size that is wanted.`;
    return { version: template, wanted, running, blocked: { reason: 'ScalingUnderWay', message } };
  }
  return { version: wanted, wanted, running };
}

/** Whether members are still coming or going. */
function isScaling(observed: ObservedCluster): boolean {
  const { size = SIZE_DEFAULT } = observed.cluster.spec;
  const replicas = observed.statefulSet?.replicas ?? size;
  return size !== replicas || (replicas > 0 && observed.pods.length !== replicas);
}

/** What Pods that are there say; those that are not there say nothing. */
function oldestVersion(observed: ObservedCluster): EtcdVersion | undefined {
  return observed.pods
    .flatMap((pod) => (pod.agent.kind === 'heard' ? [parseEtcdVersion(pod.agent.status.etcd.version)] : []))
    .filter((version) => version !== undefined)
    .toSorted((a, b) => a.minor - b.minor || a.patch - b.patch)[0];
}

/** @throws TypeError for what the schema refuses */
function wantedVersion(text: string = DEFAULT_ETCD_VERSION): EtcdVersion {
  const version = parseEtcdVersion(text);
  if (version === undefined) {
    throw new TypeError(`spec.version "${text}" is no version of etcd`);
  }
  return version;
}
