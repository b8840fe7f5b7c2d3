import { rm, rmdir } from 'node:fs/promises';
import { errorCode } from '../runtime/error-text.ts';
import type { ClusterPaths } from './cluster-layout.ts';

/**
 * Removes a cluster's state, volumes included; the folder itself only when nothing else is in it, since it
 * may be any folder a person has named.
 */
export async function removeState(paths: ClusterPaths): Promise<void> {
  // The file that says that a cluster is here goes first: half a cluster is none.
  for (const path of [paths.clusterFile, paths.apiFile, paths.volumes, paths.runs, paths.logs]) {
    await rm(path, { recursive: true, force: true });
  }
  try {
    await rmdir(paths.folder);
  } catch (error) {
    if (!KEPT_CODES.has(errorCode(error) ?? '')) {
      throw error;
    }
  }
}

/** Somebody's files are in it, it is gone already, or its parent is not ours to change. */
const KEPT_CODES: ReadonlySet<string> = new Set([
  'ENOTEMPTY',
  'EEXIST',
  'ENOENT',
  'EACCES',
  'EPERM',
  'EBUSY',
]);
