import { readFile } from 'node:fs/promises';
import * as v from 'valibot';
import { writeFileDurably } from '../../volume/write-file-durably.ts';

/**
 * What etcd trusted when it was last started: it reads that once (3.5–3.7, etcd-io/etcd#11555). Kept beside the gate,
 * so that it lives exactly as long as the Pod, and an agent that restarts still knows.
 */
export type StartedNote = { readonly client?: string; readonly peer?: string };

const noteSchema = v.object({ client: v.exactOptional(v.string()), peer: v.exactOptional(v.string()) });

/** The note at `path`; undefined when there is none that can be read. */
export async function readStartedNote(path: string, signal: AbortSignal): Promise<StartedNote | undefined> {
  try {
    const parsed = v.safeParse(noteSchema, JSON.parse(await readFile(path, { encoding: 'utf8', signal })));
    return parsed.success ? parsed.output : undefined;
  } catch {
    return undefined;
  }
}

/** @throws Error when it cannot be written */
export async function writeStartedNote(path: string, note: StartedNote): Promise<void> {
  await writeFileDurably(path, `${JSON.stringify(note)}\n`);
}
