/**
 * The volume could not be read: no permission, an input/output error, a stale mount, or a file where a
 * directory belongs. Nothing follows from it about what the volume holds, least of all that it is empty
 * (F21); the caller reports the volume as unreadable and tries again.
 */
export class VolumeUnreadableError extends Error {
  override readonly name = 'VolumeUnreadableError';
  readonly code = 'VOLUME_UNREADABLE';
}
