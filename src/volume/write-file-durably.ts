import { open, rename, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Replaces `path` by `text` so that after a crash it holds the old text or the new, never a part: write
 * beside it, flush, rename, flush the directory.
 */
export async function writeFileDurably(path: string, text: string): Promise<void> {
  const aside = `${path}.tmp`;
  try {
    const file = await open(aside, 'w', 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(aside, path);
  } catch (error) {
    await unlink(aside).catch(() => undefined);
    throw error;
  }
  await flushDirectory(dirname(path));
}

/** Makes renames within `directory` last. */
export async function flushDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
