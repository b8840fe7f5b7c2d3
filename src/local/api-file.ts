import * as v from 'valibot';
import type { ApiState } from './api-state.ts';

const whole = v.pipe(v.number(), v.integer(), v.minValue(0));

const baseEntries = { name: v.string(), uid: v.string(), resourceVersion: whole, createdAt: v.string() };

const apiStateSchema = v.object({
  namespace: v.string(),
  resourceVersion: whole,
  statefulSet: v.object({
    ...baseEntries,
    generation: whole,
    replicas: whole,
    deletionTimestamp: v.nullable(v.string()),
  }),
  configMaps: v.array(v.object({ ...baseEntries, data: v.record(v.string(), v.string()) })),
  pods: v.array(
    v.object({
      ...baseEntries,
      ordinal: whole,
      deletion: v.nullable(v.object({ timestamp: v.string(), graceSeconds: v.number() })),
      phase: v.picklist(['Pending', 'Running']),
      podIp: v.nullable(v.string()),
    }),
  ),
});

/** The state written in `text`, or one clause that says what is wrong with it. */
export function parseApiState(text: string): ApiState | { readonly invalid: string } {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { invalid: 'it is not JSON' };
  }
  const parsed = v.safeParse(apiStateSchema, json);
  return parsed.success ? parsed.output : { invalid: v.summarize(parsed.issues) };
}

/** The text that `parseApiState` reads. */
export function formatApiState(state: ApiState): string {
  return `${JSON.stringify(state, null, 2)}\n`;
}
