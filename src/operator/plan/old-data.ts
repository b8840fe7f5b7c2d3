/** What becomes of data that was there before the cluster: a human says so, by an annotation. */
import { ADOPT_ANNOTATION, DISCARD_ANNOTATION } from '../../api/annotations.ts';
import type { AgentStatus } from '../../model/agent-status.ts';
import type { BlockedRecord, FormationRecord } from '../../model/formation-record.ts';
import { type EtcdId, etcdIdOfHex } from '../../model/member.ts';
import { freshStatus } from './member-health.ts';
import type { ObservedCluster } from './observed-cluster.ts';
import { ordinalsOf } from './wholeness.ts';

export type OldDataPlan =
  /** No formation is blocked. */
  | { readonly kind: 'none' }
  /** Nobody has said anything, or it cannot be done as it was said; `message` says what to do. */
  | { readonly kind: 'waiting'; readonly message: string }
  /** The record to write over the one with this resourceVersion. */
  | { readonly kind: 'decided'; readonly record: FormationRecord; readonly resourceVersion: string };

/** What is to become of the formation record of a cluster that is blocked by old data. */
export function planOldData(observed: ObservedCluster): OldDataPlan {
  const { record, cluster } = observed;
  if (record.kind !== 'present' || record.record.phase !== 'Blocked') {
    return { kind: 'none' };
  }
  const adopt = cluster.metadata.annotations?.[ADOPT_ANNOTATION];
  const discard = cluster.metadata.annotations?.[DISCARD_ANNOTATION];
  if (adopt !== undefined && discard !== undefined) {
    return waiting(
      `Both ${ADOPT_ANNOTATION} and ${DISCARD_ANNOTATION} are set, and they contradict each other: remove one.`,
    );
  }
  const survey = surveyOf(observed);
  const { resourceVersion } = record;
  if (discard !== undefined) {
    const problem = whyNotDiscard(survey, discard);
    return problem === undefined
      ? { kind: 'decided', record: discarding(record.record), resourceVersion }
      : waiting(`${survey.text} ${problem}`);
  }
  if (adopt === undefined) {
    return waiting(
      `${survey.text} To go on with that data, annotate the EtcdCluster ${cluster.metadata.name} with ${ADOPT_ANNOTATION}=true; to set it aside and start empty, with ${DISCARD_ANNOTATION}=true.`,
    );
  }
  const meant = whichToAdopt(survey, adopt);
  const next = 'problem' in meant ? meant : adopted(record.record, meant.clusterId, survey);
  return 'problem' in next
    ? waiting(`${survey.text} ${next.problem}`)
    : { kind: 'decided', record: next, resourceVersion };
}

type Found = { readonly pod: string; readonly data: NonNullable<AgentStatus['data']> };

type Survey = {
  readonly found: readonly Found[];
  /** Pods whose agents have not said yet what their volume holds. */
  readonly unheard: readonly string[];
  /** Pods whose volume holds something that is no readable data of etcd. */
  readonly unreadable: readonly string[];
  readonly text: string;
};

/** What the agents at their gates say of their volumes. */
function surveyOf(observed: ObservedCluster): Survey {
  const found: Found[] = [];
  const unheard: string[] = [];
  const unreadable: string[] = [];
  const empty: string[] = [];
  for (const ordinal of ordinalsOf(observed.statefulSet?.replicas ?? 0)) {
    const name = `${observed.cluster.metadata.name}-${ordinal}`;
    const pod = observed.pods.find((each) => each.ordinal === ordinal);
    const status = pod === undefined ? undefined : freshStatus(observed, pod);
    if (status === undefined || status.etcd.state !== 'at-gate') {
      unheard.push(name);
    } else if (status.data !== null) {
      found.push({ pod: name, data: status.data });
    } else {
      (status.hasData ? unreadable : empty).push(name);
    }
  }
  const text = [
    ...found.map(({ pod, data }) => `${pod} holds member ${data.memberId} of cluster ${data.clusterId}.`),
    ...saying(unreadable, 'holds data that cannot be read', 'hold data that cannot be read'),
    ...saying(empty, 'is empty', 'are empty'),
    ...saying(unheard, 'has not said yet what it holds', 'have not said yet what they hold'),
  ].join(' ');
  return { found, unheard, unreadable, text };
}

function saying(names: readonly string[], one: string, many: string): readonly string[] {
  return names.length === 0 ? [] : [`${names.join(', ')} ${names.length === 1 ? one : many}.`];
}

/** Setting aside is for all data there is, so an ID only says what somebody believes to be there. */
function whyNotDiscard({ found, unheard, unreadable }: Survey, word: string): string | undefined {
  if (word === 'true') {
    return undefined;
  }
  const clusterId = etcdIdOfHex(word);
  if (clusterId === undefined) {
    return illegible(DISCARD_ANNOTATION, word);
  }
  const isAllThereIs =
    unheard.length === 0 &&
    unreadable.length === 0 &&
    found.every(({ data }) => data.clusterId === clusterId);
  return isAllThereIs
    ? undefined
    : `All of it would be set aside, and not only cluster ${clusterId}: write ${DISCARD_ANNOTATION}=true if that is meant.`;
}

type Problem = { readonly problem: string };

/** Only a whole survey knows that there is but one cluster's data. */
function whichToAdopt(
  { found, unheard, unreadable }: Survey,
  word: string,
): { readonly clusterId: EtcdId } | Problem {
  const ids = [...new Set(found.map(({ data }) => data.clusterId))];
  if (word !== 'true') {
    const clusterId = etcdIdOfHex(word);
    if (clusterId === undefined) {
      return { problem: illegible(ADOPT_ANNOTATION, word) };
    }
    return ids.includes(clusterId)
      ? { clusterId }
      : { problem: `No volume is known to hold data of cluster ${clusterId}.` };
  }
  if (unheard.length > 0) {
    return { problem: `Waiting for ${unheard.join(', ')}.` };
  }
  const [clusterId] = ids;
  if (clusterId === undefined) {
    return { problem: 'There is no data to adopt.' };
  }
  return ids.length > 1 || unreadable.length > 0
    ? {
        problem: `Not all of it is known to be of one cluster: name the one that is meant, such as ${ADOPT_ANNOTATION}=${clusterId}.`,
      }
    : { clusterId };
}

function illegible(annotation: string, word: string): string {
  return `${annotation} is "${word}": write true, or the ID of a cluster in hexadecimal.`;
}

function discarding({ clusterUid, generation, maxLearners }: BlockedRecord): FormationRecord {
  return { phase: 'Unformed', clusterUid, generation, maxLearners, discarding: true };
}

/**
 * The generation and the limit of learners are those that the data's own volumes note: a member of another
 * generation is another cluster's, and unequal limits corrupt member lists. What notes neither is plain etcd's.
 */
function adopted(
  { clusterUid }: BlockedRecord,
  clusterId: EtcdId,
  { found }: Survey,
): FormationRecord | Problem {
  const of = found.filter(({ data }) => data.clusterId === clusterId);
  const generation = Math.max(1, ...of.map(({ data }) => data.generation ?? 1));
  const limits = new Set(of.map(({ data }) => data.maxLearners ?? 1));
  const [maxLearners = 1] = limits;
  return limits.size > 1
    ? {
        problem: `The volumes of cluster ${clusterId} note different limits of learners (${[...limits].join(', ')}): their member lists could diverge, so they are not started together.`,
      }
    : { phase: 'Formed', clusterUid, generation, maxLearners, clusterId };
}

function waiting(message: string): OldDataPlan {
  return { kind: 'waiting', message };
}
