/** What commands say to a running supervisor, over its socket: one JSON object each way. */
import * as v from 'valibot';
import { CONTAINERS } from './cluster-layout.ts';
import { LOCAL_CLUSTER_CODES } from './local-cluster-error.ts';

/** Signals that may be sent to a member's process. */
export const KILL_SIGNALS = [
  'SIGKILL',
  'SIGTERM',
  'SIGSTOP',
  'SIGCONT',
  'SIGINT',
  'SIGHUP',
  'SIGQUIT',
] as const;

const ordinal = v.pipe(v.number(), v.integer(), v.minValue(0));

export const controlRequestSchema = v.variant('command', [
  v.object({ command: v.literal('status') }),
  v.object({ command: v.literal('scale'), replicas: v.pipe(v.number(), v.integer()) }),
  v.object({
    command: v.literal('kill'),
    ordinal,
    container: v.picklist(CONTAINERS),
    signal: v.picklist(KILL_SIGNALS),
  }),
  v.object({ command: v.literal('delete-pod'), ordinal, force: v.boolean() }),
  v.object({ command: v.literal('wipe'), ordinal }),
  v.object({ command: v.literal('down') }),
]);

export type ControlRequest = v.InferOutput<typeof controlRequestSchema>;

/** A refusal: the code and sentence of a LocalClusterError. */
export const controlRefusalSchema = v.object({ code: v.picklist(LOCAL_CLUSTER_CODES), message: v.string() });

/** A request has a few dozen bytes. */
export const CONTROL_REQUEST_BYTES_MAX = 16 * 1024;

/** The status of nine members has some tens of KiB. */
export const CONTROL_ANSWER_BYTES_MAX = 4 * 1024 * 1024;
