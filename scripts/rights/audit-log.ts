/**
 * The calls in an API server's audit log (audit.k8s.io/v1, a line of JSON for each event, level Metadata). Of all that
 * tells who called what, it alone has the account, what the request was taken for, and whether RBAC allowed it, from
 * the one place that every call passes; a proxy of ours between would see calls only of those who were led through it.
 */
import * as v from 'valibot';
import type { Call } from './permission.ts';

export type AuditedCall = Call & {
  /** Such as `system:serviceaccount:NAMESPACE:NAME`. */
  readonly account: string;
  /** Undefined for what has none. */
  readonly namespace: string | undefined;
  /** Whether RBAC let it pass; quotas and other admission may have refused it all the same. */
  readonly isAllowed: boolean;
};

const eventSchema = v.object({
  kind: v.literal('Event'),
  verb: v.string(),
  user: v.object({ username: v.string() }),
  /** Absent for what is no resource, such as `/version`. */
  objectRef: v.optional(
    v.object({
      resource: v.optional(v.string(), ''),
      subresource: v.optional(v.string(), ''),
      apiGroup: v.optional(v.string(), ''),
      namespace: v.optional(v.string()),
      name: v.optional(v.string()),
    }),
  ),
  responseStatus: v.optional(v.object({ code: v.optional(v.number()) }), {}),
  annotations: v.optional(v.record(v.string(), v.string()), {}),
});

/** Said of every request that was authorised or refused (Kubernetes 1.9). */
const DECISION = 'authorization.k8s.io/decision';
const CREATED = 201;

/** Every call in `log`, in order; a last line that is still being written is left out. @throws Error for other lines */
export function callsInAuditLog(log: string): readonly AuditedCall[] {
  const lines = log.split('\n');
  const whole = log.endsWith('\n') ? lines : lines.slice(0, -1);
  return whole.filter((line) => line !== '').flatMap(callsIn);
}

function callsIn(line: string): readonly AuditedCall[] {
  const event = v.parse(v.pipe(v.string(), v.parseJson(), eventSchema), line);
  const { verb, objectRef, responseStatus, annotations } = event;
  if (objectRef === undefined) {
    return [];
  }
  const { resource, subresource, apiGroup: group, namespace, name } = objectRef;
  const call: AuditedCall = {
    account: event.user.username,
    group,
    resource: subresource === '' ? resource : `${resource}/${subresource}`,
    verb,
    namespace,
    name,
    isAllowed: annotations[DECISION] === 'allow',
  };
  // Server-side apply of what was not there asks for `create`, too (`withAuthorization`, Kubernetes 1.34), untold.
  return verb === 'patch' && responseStatus.code === CREATED
    ? [call, { ...call, verb: 'create', name: undefined }]
    : [call];
}
