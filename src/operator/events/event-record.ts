import type { KubeObject } from '../../kube/kube-object.ts';
import type { ResourceType } from '../../kube/resource-type.ts';

export const EVENT: ResourceType = { apiVersion: 'v1', kind: 'Event', plural: 'events' };

/** The object that something happened to, as `kubectl describe` finds its Events. */
export type EventSubject = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace?: string | undefined;
  readonly name: string;
  readonly uid: string;
};

/** What happened, for people. */
export type EventNote = {
  readonly type: 'Normal' | 'Warning';
  /** One word, such as `ScalingHeld`. */
  readonly reason: string;
  /** A sentence: what was seen and what is done about it. */
  readonly message: string;
};

/** How often it happened, and when; times in RFC 3339. */
export type EventCount = { readonly count: number; readonly first: string; readonly last: string };

/** Who tells: the program, and which process of it. */
export type EventSource = { readonly component: string; readonly instance: string };

/** The core/v1 Event that says this. It lies in the subject's namespace, or in `default` if that has none. */
export function writeEvent(
  name: string,
  subject: EventSubject,
  note: EventNote,
  { count, first, last }: EventCount,
  source: EventSource,
): KubeObject {
  return {
    metadata: { name, namespace: eventNamespace(subject) },
    involvedObject: subject,
    type: note.type,
    reason: note.reason,
    message: note.message.slice(0, MESSAGE_CHARS_MAX),
    // The old place, which `kubectl describe` shows, and the new one, by which dashboards select.
    source: { component: source.component },
    reportingComponent: source.component,
    reportingInstance: source.instance.slice(0, INSTANCE_CHARS_MAX),
    firstTimestamp: first,
    lastTimestamp: last,
    count,
  };
}

/** Where the Events of this subject lie. */
export function eventNamespace(subject: EventSubject): string {
  return subject.namespace ?? 'default';
}

/** An Event's name, unlike all others: the subject's, and something that `suffix` made up. */
export function eventName(subject: EventSubject, suffix: string): string {
  return `${subject.name.slice(0, NAME_CHARS_MAX)}.${suffix}`;
}

/** events.k8s.io/v1, through which the same Events are read, allows no longer notes and instances. */
const MESSAGE_CHARS_MAX = 1_024;
const INSTANCE_CHARS_MAX = 128;
/** A name has up to 253 characters; the rest is for the suffix. */
const NAME_CHARS_MAX = 230;
