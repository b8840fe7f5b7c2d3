import type { EtcdId } from '../../model/member.ts';
import type { VolumeStore } from '../../volume/volume-store.ts';

/**
 * Notes on the volume that a member was removed from the cluster. To be called only once a quorum has said so:
 * the next start believes the note. `onWritten` is called after something was written.
 * @throws {VolumeUnwritableError}
 */
export function removalNote(
  volume: VolumeStore,
  onWritten: () => void,
  signal: AbortSignal,
): (memberId: EtcdId) => Promise<void> {
  return async (memberId) => {
    const found = await volume.read(signal);
    if (found.kind !== 'readable' || found.marker.kind !== 'present') {
      return;
    }
    const { volumeId: _kept, ...fields } = found.marker.marker;
    await volume.writeMarker({ ...fields, removedMember: memberId });
    onWritten();
  };
}
