/** The file `cluster.json`: what a local cluster is, for as long as its state folder lives. */
import { readFileSync } from 'node:fs';
import * as v from 'valibot';
import { errorCode, errorText } from '../runtime/error-text.ts';
import { type AddressBlock, addressBlockOf } from './cluster-layout.ts';
import { LocalClusterError } from './local-cluster-error.ts';

export type ClusterFile = {
  /** Name of the StatefulSet. */
  readonly name: string;
  readonly namespace: string;
  /** Members are listed under addresses of this block, so it never changes. */
  readonly block: AddressBlock;
  /** Such as `3.6.16`. */
  readonly etcdVersion: string;
};

/** Makes a reader of future releases see what it has before it. */
const FORMAT = 1;

const fileSchema = v.object({
  format: v.literal(FORMAT),
  name: v.pipe(v.string(), v.regex(/^[a-z]([a-z0-9-]{0,40}[a-z0-9])?$/)),
  namespace: v.pipe(v.string(), v.minLength(1)),
  block: v.pipe(
    v.string(),
    v.transform(addressBlockOf),
    v.custom<AddressBlock>((block) => block !== undefined, 'no block of loopback addresses'),
  ),
  etcdVersion: v.pipe(v.string(), v.minLength(1)),
});

/**
 * Reads the cluster of a state folder; undefined when the folder holds none.
 *
 * @throws LocalClusterError `STATE_UNREADABLE`
 */
export function readClusterFile(path: string): ClusterFile | undefined {
  const text = readStateFile(path);
  if (text === undefined) {
    return undefined;
  }
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), fileSchema), text);
  if (!parsed.success) {
    throw unreadable(path, v.summarize(parsed.issues));
  }
  const { format: _, ...file } = parsed.output;
  return file;
}

/** The text that `readClusterFile` reads. */
export function formatClusterFile(file: ClusterFile): string {
  return `${JSON.stringify({ format: FORMAT, ...file }, null, 2)}\n`;
}

/**
 * The text of a file of the state folder; undefined only when it is known not to exist.
 *
 * @throws LocalClusterError `STATE_UNREADABLE`
 */
export function readStateFile(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') {
      return undefined;
    }
    throw unreadable(path, errorText(error), error);
  }
}

/** The error for a file of the state folder that cannot be used. */
export function unreadable(path: string, why: string, cause?: unknown): LocalClusterError {
  const oneLine = why.replaceAll(/\s+/g, ' ').trim();
  return new LocalClusterError(
    'STATE_UNREADABLE',
    `${path} cannot be read (${oneLine}); repair it, or begin anew in another state folder`,
    cause,
  );
}
