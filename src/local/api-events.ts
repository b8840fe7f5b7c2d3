import type { ApiState } from './api-state.ts';

/** What happened to the API's objects between two states. */
export type ApiEvent =
  | { readonly kind: 'scaled'; readonly replicas: number; readonly replicasBefore: number }
  | { readonly kind: 'pod-created'; readonly ordinal: number; readonly podUid: string }
  | {
      readonly kind: 'pod-deleting';
      readonly ordinal: number;
      readonly podUid: string;
      readonly graceSeconds: number;
    }
  | { readonly kind: 'pod-gone'; readonly ordinal: number; readonly podUid: string };

/** The events that lead from `before` to `after`. */
export function apiEventsBetween(before: ApiState, after: ApiState): readonly ApiEvent[] {
  const events: ApiEvent[] = [];
  if (after.statefulSet.replicas !== before.statefulSet.replicas) {
    events.push({
      kind: 'scaled',
      replicas: after.statefulSet.replicas,
      replicasBefore: before.statefulSet.replicas,
    });
  }
  for (const pod of before.pods) {
    if (!after.pods.some((each) => each.uid === pod.uid)) {
      events.push({ kind: 'pod-gone', ordinal: pod.ordinal, podUid: pod.uid });
    }
  }
  for (const pod of after.pods) {
    const { ordinal, uid: podUid, deletion } = pod;
    const past = before.pods.find((each) => each.uid === podUid);
    if (past === undefined) {
      events.push({ kind: 'pod-created', ordinal, podUid });
    }
    if (deletion !== null && (past === undefined || past.deletion === null)) {
      events.push({ kind: 'pod-deleting', ordinal, podUid, graceSeconds: deletion.graceSeconds });
    }
  }
  return events;
}
