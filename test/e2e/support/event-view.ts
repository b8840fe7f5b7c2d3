import * as v from 'valibot';

/** An Event of Kubernetes, whoever told it. */
export type EventView = {
  readonly type: string;
  readonly reason: string;
  readonly message: string;
  /** Such as `Pod/demo-0`. */
  readonly about: string;
  readonly source: string;
  readonly count: number;
  /** RFC 3339, the last time it happened. */
  readonly at: string;
};

const word = v.optional(v.nullable(v.string()), '');
const eventSchema = v.object({
  metadata: v.object({ creationTimestamp: word }),
  involvedObject: v.object({ kind: word, name: word }),
  type: word,
  reason: word,
  message: word,
  count: v.optional(v.nullable(v.number()), 1),
  firstTimestamp: word,
  lastTimestamp: word,
  eventTime: word,
  reportingComponent: word,
  source: v.optional(v.object({ component: word }), {}),
});

/** @throws ValiError for something that is no Event */
export function eventView(object: unknown): EventView {
  const event = v.parse(eventSchema, object);
  const { involvedObject, metadata } = event;
  return {
    type: event.type ?? '',
    reason: event.reason ?? '',
    message: event.message ?? '',
    about: `${involvedObject.kind}/${involvedObject.name}`,
    source: event.reportingComponent || event.source.component || '',
    count: event.count ?? 1,
    at: event.lastTimestamp || event.eventTime || event.firstTimestamp || metadata.creationTimestamp || '',
  };
}

/** Events in the order in which they last happened, a line each. */
export function eventLines(events: readonly EventView[]): string {
  return events
    .toSorted((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0))
    .map(
      ({ at, type, reason, about, count, message }) =>
        `${at} ${type.padEnd(7)} ${about} ${reason}${count > 1 ? ` (${count} times)` : ''}: ${message}\n`,
    )
    .join('');
}
