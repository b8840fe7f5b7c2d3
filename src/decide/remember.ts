import type { Decision } from '../model/decision.ts';
import { type EtcdId, isStarted } from '../model/member.ts';
import type { History, MemberView } from '../model/member-view.ts';

/** What an agent remembers when it has just started. */
export function emptyHistory(nowMs: number): History {
  return {
    stage: 'gated',
    stageSinceMs: nowMs,
    unstartedSinceMs: new Map(),
    hashCheck: { membershipKey: '', verdict: 'unknown', checkedAtMs: nowMs },
    registeringSinceMs: null,
  };
}

/** The history after `decision` was taken on `view`. */
export function remember(view: MemberView, decision: Decision): History {
  const { history } = view;
  return {
    stage: decision.stage,
    stageSinceMs: history.stage === decision.stage ? history.stageSinceMs : view.nowMs,
    unstartedSinceMs: unstartedSince(view),
    hashCheck: history.hashCheck,
    registeringSinceMs:
      decision.kind === 'join-as-learner' ? (history.registeringSinceMs ?? view.nowMs) : null,
  };
}

/** A list that is not at hand leaves the old sightings; one that is replaces them. */
function unstartedSince(view: MemberView): ReadonlyMap<EtcdId, number> {
  if (view.voters.kind !== 'linearizable') {
    return view.history.unstartedSinceMs;
  }
  const since = new Map<EtcdId, number>();
  for (const member of view.voters.members) {
    if (!isStarted(member)) {
      since.set(member.id, view.history.unstartedSinceMs.get(member.id) ?? view.nowMs);
    }
  }
  return since;
}
