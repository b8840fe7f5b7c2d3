import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { removalNote } from '../../../src/agent/leave/removal-note.ts';
import { aMarker, memberId } from '../../support/a-member-view.ts';
import { aFakeVolume } from '../../support/fake-volume-store.ts';

function aNote(signal: AbortSignal) {
  const volume = aFakeVolume();
  let written = 0;
  const note = removalNote(
    volume.store,
    () => {
      written += 1;
    },
    signal,
  );
  return { volume, note, written: () => written };
}

describe('the note that a member was removed', () => {
  it('is written beside everything else that the marker says, and its writing is told', async (t) => {
    const { volume, note, written } = aNote(t.signal);
    const marker = aMarker({ released: true, logCleanFor: 6 });
    volume.putMarker(marker);
    await note(memberId(1));
    const found = await volume.store.read(t.signal);
    assert.ok(found.kind === 'readable');
    assert.deepEqual(found.marker, { kind: 'present', marker: { ...marker, removedMember: memberId(1) } });
    assert.equal(written(), 1);
  });

  it('is not written where there is no marker that can be read', async (t) => {
    const { volume, note, written } = aNote(t.signal);
    await note(memberId(1));
    volume.putMarkerText('garbled');
    await note(memberId(1));
    volume.takeAway();
    await note(memberId(1));
    assert.equal(written(), 0);
  });

  it('is refused by a volume that cannot be written', async (t) => {
    const { volume, note, written } = aNote(t.signal);
    volume.putMarker(aMarker());
    volume.fill();
    await assert.rejects(note(memberId(1)), { code: 'VOLUME_UNWRITABLE' });
    assert.equal(written(), 0);
  });
});
