/** The other end of control-server.ts: how `quorate scale`, `kill`, `wipe`, `status` and `down` speak. */
import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import * as v from 'valibot';
import { within } from '../runtime/abort.ts';
import { errorCode, errorText } from '../runtime/error-text.ts';
import { pathsOf } from './cluster-layout.ts';
import { type ClusterSnapshot, clusterSnapshotSchema } from './cluster-snapshot.ts';
import { CONTROL_ANSWER_BYTES_MAX, type ControlRequest, controlRefusalSchema } from './control-protocol.ts';
import { LocalClusterError } from './local-cluster-error.ts';
import { readBody } from './read-body.ts';

/** Emptying a large volume, or nine etcds that end one grace period late. */
const COMMAND_TIMEOUT_MS = 60_000;

/**
 * Has the supervisor of the cluster in `folder` carry out one command; resolves to what it answers, once
 * the command is done.
 *
 * @throws LocalClusterError the supervisor's own, `CLUSTER_NOT_RUNNING` when there is none, or
 *   `CONTROL_FAILED` when it does not answer
 */
export async function sendCommand(
  folder: string,
  command: ControlRequest,
  signal: AbortSignal,
): Promise<unknown> {
  const answer = await exchange(folder, JSON.stringify(command), within(signal, COMMAND_TIMEOUT_MS));
  const json = v.safeParse(v.pipe(v.string(), v.parseJson()), answer.body);
  if (!json.success) {
    throw failed(folder, 'its answer is not JSON');
  }
  if (answer.status === 200) {
    return json.output;
  }
  const refusal = v.safeParse(controlRefusalSchema, json.output);
  throw refusal.success
    ? new LocalClusterError(refusal.output.code, refusal.output.message)
    : failed(folder, `it answers ${answer.status}`);
}

/**
 * The state of the cluster in `folder`.
 *
 * @throws LocalClusterError as `sendCommand`
 */
export async function fetchSnapshot(folder: string, signal: AbortSignal): Promise<ClusterSnapshot> {
  const json = await sendCommand(folder, { command: 'status' }, signal);
  const parsed = v.safeParse(clusterSnapshotSchema, json);
  if (!parsed.success) {
    throw failed(folder, `its status does not parse: ${v.summarize(parsed.issues)}`);
  }
  return parsed.output;
}

async function exchange(
  folder: string,
  body: string,
  signal: AbortSignal,
): Promise<{ readonly status: number; readonly body: string | 'too-large' }> {
  try {
    const request = httpRequest({
      socketPath: pathsOf(folder).controlSocket,
      method: 'POST',
      path: '/commands',
      headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
      agent: false,
      signal,
    });
    request.end(body);
    const [response]: IncomingMessage[] = await once(request, 'response');
    if (response === undefined) {
      throw new Error('no response');
    }
    return { status: response.statusCode ?? 0, body: await readBody(response, CONTROL_ANSWER_BYTES_MAX) };
  } catch (error) {
    throw explain(folder, error);
  }
}

/** Nothing listens: no socket, one left by a killed supervisor, or a folder that cannot hold one. */
const NOBODY_CODES: ReadonlySet<string> = new Set([
  'ENOENT',
  'ECONNREFUSED',
  'ENOTDIR',
  'ENOTSOCK',
  'EINVAL',
  'ENAMETOOLONG',
]);

function explain(folder: string, error: unknown): LocalClusterError {
  return NOBODY_CODES.has(errorCode(error) ?? '')
    ? new LocalClusterError(
        'CLUSTER_NOT_RUNNING',
        `no cluster is running in ${folder}; start one with \`quorate up\`, or give the state folder of the one you mean`,
        error,
      )
    : failed(folder, errorText(error), error);
}

function failed(folder: string, why: string, cause?: unknown): LocalClusterError {
  return new LocalClusterError(
    'CONTROL_FAILED',
    `the supervisor of ${folder} does not serve the command (${why}); try again, or end it with its process ID from supervisor.json`,
    cause,
  );
}
