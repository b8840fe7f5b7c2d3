/** One pass over one cluster: look, plan, make it so step by step, and tell. */

import type { ObjectReader, ObjectWriter, RecordKeeper } from '../../kube/object-api.ts';
import { formatEtcdVersion } from '../../model/etcd-version.ts';
import { blueprintOf } from '../../resources/blueprint.ts';
import { memberHostOf, objectNamesOf } from '../../resources/names.ts';
import type { ResourceSettings } from '../../resources/resource-settings.ts';
import type { TlsMode } from '../../resources/tls-mode.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Logger } from '../../runtime/logger.ts';
import { type ClusterViews, splitKey } from '../cache/cluster-views.ts';
import { planCluster } from '../plan/cluster-plan.ts';
import type { Refusal } from '../plan/standstill.ts';
import { suspectsOf } from '../plan/suspects.ts';
import type { TlsOutlook } from '../plan/tls-outlook.ts';
import type { WorkResult } from '../queue/work-queue.ts';
import { applyObjects, removeSurplus } from '../steps/apply-objects.ts';
import { claimCluster } from '../steps/claim-cluster.ts';
import { claimVolumes } from '../steps/claim-volumes.ts';
import { ensureRecord } from '../steps/ensure-record.ts';
import { growVolumes } from '../steps/grow-volumes.ts';
import type { PassStep } from '../steps/pass-context.ts';
import { rollOut } from '../steps/roll-out.ts';
import { settleOldData } from '../steps/settle-old-data.ts';
import { CONTINUE, runSteps, type StepEnd } from '../steps/step.ts';
import { LAST_STEP, TAKE_DOWN } from '../steps/take-down.ts';
import type { AgentWatch, FollowedPod } from './agent-watch.ts';
import type { AppliedObjects } from './applied-objects.ts';
import { type ClusterReportDeps, report } from './cluster-report.ts';
import { type ClusterSight, lookAtCluster } from './cluster-sight.ts';
import type { Incarnations } from './incarnations.ts';
import { type AuthKept, type KeepAuthDeps, keepAuth } from './keep-auth.ts';
import { type KeepCertificatesDeps, keepCertificates, type TlsKept } from './keep-certificates.ts';
import type { OwnWrites } from './own-writes.ts';
import type { Warnings } from './warnings.ts';

export type ClusterPassDeps = {
  readonly views: ClusterViews;
  readonly agents: AgentWatch;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly settings: ResourceSettings;
  readonly reader: Pick<ObjectReader, 'read'>;
  readonly writer: ObjectWriter;
  readonly records: RecordKeeper;
  readonly applied: AppliedObjects;
  readonly own: OwnWrites;
  readonly incarnations: Incarnations;
  readonly warnings: Warnings;
  readonly encryption: KeepCertificatesDeps;
  readonly auth: KeepAuthDeps;
  readonly report: ClusterReportDeps;
};

/**
 * In this order: nothing may miss what it needs, and a record is there before any agent is. Volumes that may not grow
 * hold nothing else up.
 */
const STEPS: readonly PassStep[] = [
  claimCluster,
  ensureRecord,
  settleOldData,
  claimVolumes,
  applyObjects,
  removeSurplus,
  rollOut,
  growVolumes,
];

/** Every change brings a pass at once, so that this is only for changes that nobody told of. */
const SLOW_RESYNC_MS = 300_000;

/** A pass over the cluster of `key`. What it throws fails this cluster's pass and no other's. */
export async function passOver(deps: ClusterPassDeps, key: string, signal: AbortSignal): Promise<WorkResult> {
  const sight = lookAtCluster(deps, key);
  if (sight === undefined) {
    forget(deps, key);
    deps.incarnations.forget(key);
    return { kind: 'done' };
  }
  if (deps.incarnations.isAnother(key, sight.uid)) {
    forget(deps, key);
  }
  await followAgents(deps, sight, signal);
  if (sight.observed.cluster.metadata.deletionTimestamp !== undefined) {
    const { step, end } = await runSteps(TAKE_DOWN, { sight, writer: deps.writer }, signal);
    // Once nothing is left to do the name may be another cluster's: who writes a status by name writes that of whoever has
    // it, whatever UID comes along (Kubernetes 1.34).
    if (end.kind !== 'continue' && step !== LAST_STEP) {
      await report(deps.report, sight, planCluster(sight.observed), signal);
    }
    return resultOf(deps, sight, step, end, undefined);
  }
  const { refusal, step, end, tls, auth } = await carryOut(deps, sight, signal);
  const look = await deps.warnings.lookUp(key, sight.namespace, suspectsOf(sight.observed), signal);
  // Looked at once more: what the pass has just changed is not settled yet.
  const after = lookAtCluster(deps, key) ?? sight;
  if (!isOneSpec(after, sight)) {
    // What was carried out is the spec before, or another object's, and the status would say that it is this one.
    return { kind: 'again', afterMs: 0 };
  }
  const plan = {
    ...planCluster(after.observed, refusal),
    ...(tls === undefined ? {} : { tls: tls.outlook }),
    ...(auth?.outlook === undefined ? {} : { auth: auth.outlook }),
  };
  const hindrance = end.kind === 'failed' ? end.hindrance : undefined;
  const told = await report(
    deps.report,
    after,
    hindrance === undefined ? plan : { ...plan, hindrance },
    signal,
  );
  return told.kind === 'failed'
    ? { kind: 'failed', why: told.why }
    : resultOf(
        deps,
        sight,
        step,
        end,
        soonest(told.againAfterMs, look.againAfterMs, untilMs(deps, tls), untilMs(deps, auth)),
      );
}

function isOneSpec(one: ClusterSight, other: ClusterSight): boolean {
  const generationOf = ({ observed }: ClusterSight) => observed.cluster.metadata.generation;
  return one.uid === other.uid && generationOf(one) === generationOf(other);
}

function soonest(...times: readonly (number | undefined)[]): number | undefined {
  const given = times.filter((time) => time !== undefined);
  return given.length === 0 ? undefined : Math.min(...given);
}

function untilMs(
  { clock }: ClusterPassDeps,
  kept: Pick<TlsKept, 'againAtMs'> | undefined,
): number | undefined {
  return kept?.againAtMs === undefined
    ? undefined
    : Math.max(0, kept.againAtMs - Date.parse(clock.timestamp()));
}

type CarriedOut = {
  /** Undefined where it did not come so far. */
  readonly tls?: TlsKept;
  readonly auth?: AuthKept;
  /** Why no object can be built from this spec. */
  readonly refusal: Refusal | undefined;
  /** Where it ended, and how. */
  readonly step: string;
  readonly end: StepEnd;
};

async function carryOut(
  deps: ClusterPassDeps,
  sight: ClusterSight,
  signal: AbortSignal,
): Promise<CarriedOut> {
  const { name, namespace, uid, observed } = sight;
  const { spec } = observed.cluster;
  const asWanted = blueprintOf({ name, namespace, uid, spec }, deps.settings, 'plain');
  const refusal = 'refused' in asWanted ? asWanted : undefined;
  const plan = planCluster(observed, refusal);
  if (plan.standstill !== undefined || refusal !== undefined) {
    return { refusal, step: '', end: CONTINUE };
  }
  const tls = await keepCertificates(deps.encryption, sight, plan.version.version, signal);
  if (tls.blueprint === undefined) {
    // What runs, runs on; nothing is made that would have to do without.
    return { refusal, tls, step: 'certificates', end: withheld(tls.outlook) };
  }
  const planned = { ...spec, version: formatEtcdVersion(plan.version.version) };
  const blueprint = blueprintOf({ name, namespace, uid, spec: planned }, deps.settings, tls.blueprint);
  if ('refused' in blueprint) {
    return { refusal, step: 'blueprint', end: { kind: 'failed', why: blueprint.message } };
  }
  const { reader, writer, records, applied, own } = deps;
  const context = { sight, plan, blueprint, reader, writer, records, applied, own };
  const ended = await runSteps(STEPS, context, signal);
  // Members serve, or do not, whatever became of the steps.
  const auth = await keepAuth(deps.auth, sight, plan.version.version, signal);
  return { refusal, tls, auth, ...ended };
}

function withheld({ obstacle }: TlsOutlook): StepEnd {
  return {
    kind: 'failed',
    why: obstacle?.message ?? 'there are no certificates',
    ...(obstacle === undefined ? {} : { hindrance: obstacle }),
  };
}

function resultOf(
  deps: ClusterPassDeps,
  { key }: ClusterSight,
  step: string,
  end: StepEnd,
  againAfterMs: number | undefined,
): WorkResult {
  switch (end.kind) {
    case 'failed':
      return { kind: 'failed', why: `${step}: ${end.why}` };
    case 'wait':
      deps.logger.info({ cluster: key, step }, end.why);
      return { kind: 'again', afterMs: Math.min(end.afterMs, againAfterMs ?? end.afterMs) };
    case 'continue':
      return { kind: 'again', afterMs: againAfterMs ?? SLOW_RESYNC_MS };
  }
}

async function followAgents(deps: ClusterPassDeps, sight: ClusterSight, signal: AbortSignal): Promise<void> {
  const { key, namespace, name, observed } = sight;
  const pods = observed.pods.flatMap(({ name: pod, uid, podIP, tls }): readonly FollowedPod[] =>
    podIP === undefined
      ? []
      : [{ uid, address: podIP, ...(speaksTls(tls) ? { secureName: hostOf(deps, sight, pod) } : {}) }],
  );
  if (pods.some(({ secureName }) => secureName !== undefined)) {
    await deps.encryption.identities.ensure(key, namespace, name, signal);
  }
  deps.agents.follow(key, pods);
}

function speaksTls({ client, peer }: TlsMode): boolean {
  return client !== 'plain' || peer !== 'plain';
}

function hostOf({ settings }: ClusterPassDeps, { name, namespace }: ClusterSight, pod: string): string {
  return memberHostOf(objectNamesOf(name), pod, namespace, settings.clusterDomain);
}

function forget(deps: ClusterPassDeps, key: string): void {
  const [namespace = '', name] = splitKey(key);
  deps.agents.follow(key, []);
  deps.applied.forget(key);
  deps.own.forget(key);
  deps.encryption.identities.forget(key);
  deps.encryption.certificates.forget(key);
  deps.auth.keeper.forget(key);
  deps.warnings.forget(key);
  deps.report.metrics.forgetCluster(namespace, name);
}
