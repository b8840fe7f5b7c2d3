import * as v from 'valibot';

/** One line of an agent's log: what pino wrote, keys as the agent chose them. */
export type AgentLine = Readonly<Record<string, unknown>>;

const lineSchema = v.pipe(v.string(), v.parseJson(), v.record(v.string(), v.unknown()));

/** The record in `line`; undefined for anything that is not a JSON object, such as a stack trace. */
export function parseAgentLine(line: string): AgentLine | undefined {
  if (!line.startsWith('{')) {
    return undefined;
  }
  const parsed = v.safeParse(lineSchema, line);
  return parsed.success ? parsed.output : undefined;
}
