/** The API server as agents meet it: down, slow to tell, out of date, or right. */
import type { FormationRecord } from '../../src/model/formation-record.ts';
import type { Agent } from './agent-state.ts';
import type { Evidence } from './etcd-log.ts';
import type { ApiPod, ApiState } from './kube-state.ts';
import type { World } from './world.ts';

/** What a read by `agent` gives; undefined when it gives nothing. */
export function readApi(world: World, agent: Agent): ApiState | undefined {
  const { kube } = world;
  kube.calls += 1;
  if (kube.isApiDown || kube.apiCutFrom.has(agent.pod.node)) {
    return undefined;
  }
  return kube.staleMs > 0 && world.random.chance(0.5) ? pastState(world, agent) : kube.api;
}

/** An old answer dates the look: what was true then is what the agent acts on. */
function pastState(world: World, agent: Agent): ApiState {
  const { past, staleMs } = world.kube;
  const atMs = world.nowMs - world.random.below(staleMs);
  agent.lookedAtMs = Math.min(agent.lookedAtMs, atMs);
  let position = past.length - 1;
  while (position > 0 && (past[position]?.atMs ?? 0) > atMs) {
    position--;
  }
  return past[position] ?? world.kube.api;
}

/** Changes what the API holds, and keeps what it held. */
export function changeApi(world: World, change: Partial<ApiState>): void {
  const { kube } = world;
  kube.api = { ...kube.api, ...change, atMs: world.nowMs };
  kube.past.push(kube.api);
}

export function changeApiPod(world: World, ordinal: number, pod: ApiPod | null): void {
  changeApi(world, { pods: world.kube.api.pods.map((before, at) => (at === ordinal ? pod : before)) });
}

/** Writes the record if it still has `version`. Whether the writer hears of it is another matter. */
export function swapRecord(
  world: World,
  node: number,
  record: FormationRecord,
  version: string,
  evidence: Evidence,
): void {
  const { kube } = world;
  kube.calls += 1;
  if (kube.isApiDown || kube.apiCutFrom.has(node)) {
    return;
  }
  const before = kube.api.record;
  // Only a mutant writes a record that is absent.
  const isExpected = before === null ? version === '' : String(kube.api.recordVersion) === version;
  if (isExpected || (before !== null && !world.shell.comparesBeforeSwap)) {
    kube.writes += 1;
    changeApi(world, { record, recordVersion: kube.api.recordVersion + 1 });
    world.judge({ kind: 'record', before, after: record, evidence });
  }
}

/** Whether `holds` was true of the API at any instant since `sinceMs`. */
export function wasEver(world: World, sinceMs: number, holds: (state: ApiState) => boolean): boolean {
  const { past } = world.kube;
  for (let position = past.length - 1; position >= 0; position--) {
    const state = past[position];
    if (state === undefined || holds(state)) {
      return state !== undefined;
    }
    if (state.atMs < sinceMs) {
      return false;
    }
  }
  return false;
}
