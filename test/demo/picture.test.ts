import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ansiPaint, noPaint } from '../../src/demo/paint.ts';
import { renderPicture } from '../../src/demo/picture.ts';
import type { PictureMember, PictureState } from '../../src/demo/picture-state.ts';

function member(ordinal: number, change: Partial<PictureMember> = {}): PictureMember {
  return {
    name: `demo-${ordinal}`,
    role: 'voter',
    raftIndex: '1204',
    version: '3.6.16',
    etcdPid: 4100 + ordinal,
    agentPid: 4200 + ordinal,
    decision: 'settled',
    reason: 'Serving',
    message: 'Serving as voter; a1 leads.',
    ...change,
  };
}

function state(change: Partial<PictureState> = {}): PictureState {
  return {
    etcdVersion: '3.6.16',
    replicas: 3,
    clusterId: 'c1d2',
    elapsedMs: 83_400,
    bornAtMs: 1_000_000,
    members: [
      member(0, { role: 'leader', message: 'Serving as leader.' }),
      member(1),
      member(2, { role: 'down', etcdPid: null, raftIndex: '', decision: 'wait', reason: 'EtcdNotAsking' }),
    ],
    steps: [
      { text: 'form', state: 'done', seconds: 1.44 },
      { text: 'kill:2', state: 'running', seconds: 0.31 },
      { text: 'roll', state: 'pending', seconds: null },
    ],
    writes: {
      acknowledged: 12_345,
      unanswered: 4,
      longestGapInStepMs: 61.4,
      longestGapMs: 1_204,
      longestWakeMs: 0,
      openGapMs: 12,
      writesPerSecond: 201,
      history: [0, 12, 25, 50, 50, 0, 1],
      isPaused: false,
    },
    timeline: [
      { atMs: 1_082_000, who: 'tour', text: 'kill:2 begins', tone: 'step' },
      { atMs: 1_082_031, who: 'demo-2', text: 'etcd ended by SIGKILL', tone: 'bad' },
    ],
    ...change,
  };
}

test('shows steps, members, client and timeline on a wide terminal', () => {
  assert.deepEqual(
    renderPicture(state(), { columns: 110, rows: 22 }, noPaint).map((line) => line.trimEnd()),
    [
      ' quorate  etcd 3.6.16 · 3 members wanted · cluster c1d2                                                  1:23',
      '',
      ' ── steps ────────────────────────────────────────────────────────────────────────────────────────────────────',
      ' ✓ form 1.4 s   ▶ kill:2 0.3 s   · roll',
      '',
      ' ── members ──────────────────────────────────────────────────────────────────────────────────────────────────',
      ' name   role         index  etcd    process  decision                   why',
      ' demo-0 ◆ leader      1204  3.6.16     4100  settled Serving            Serving as leader.',
      ' demo-1 ● voter       1204  3.6.16     4101  settled Serving            Serving as voter; a1 leads.',
      ' demo-2 ✗ down              3.6.16        –  wait EtcdNotAsking         Serving as voter; a1 leads.',
      '',
      ' ── client ───────────────────────────────────────────────────────────────────────────────────────────────────',
      '  201 writes/s   ▂▄██ ▁',
      ' longest gap  61 ms in this step  1,204 ms in all',
      ' 12,345 acknowledged  4 without an answer',
      '',
      ' ── timeline ─────────────────────────────────────────────────────────────────────────────────────────────────',
      '   82.0  tour     kill:2 begins',
      '   82.0  demo-2   etcd ended by SIGKILL',
      '',
      '',
      '',
    ],
  );
});

test('leaves out what matters least on a narrow terminal, and cuts what does not fit', () => {
  const lines = renderPicture(state(), { columns: 56, rows: 12 }, noPaint);
  assert.equal(lines[0], ' quorate  etcd 3.6.16 · 3 members wanted · cluster c1d2…');
  assert.equal(lines[7], ' demo-0 ◆ leader      1204     4100  settled Serving   …');
  assert.equal(lines.length, 12);
});

test('says that nothing is acknowledged while that lasts, and that nothing is written while asleep', () => {
  const at = (change: Partial<PictureState['writes']>): string[] => {
    const writes = { ...state().writes, ...change };
    return renderPicture(state({ writes, members: [], replicas: 0 }), { columns: 100, rows: 12 }, noPaint);
  };
  assert.match(at({ openGapMs: 812 }).join('\n'), /1,204 ms in all {3}none for 812 ms/);
  const asleep = at({ openGapMs: 812, isPaused: true }).join('\n');
  assert.match(asleep, /^ paused/m);
  assert.doesNotMatch(asleep, /none for/);
  assert.match(asleep, /all members sleep/);
});

test('shows of a long tour the lines around where it is', () => {
  const steps = Array.from({ length: 60 }, (_, index) => ({
    text: `scale:${index % 10}`,
    state: index < 30 ? ('done' as const) : ('pending' as const),
    seconds: index < 30 ? index : null,
  }));
  const lines = renderPicture(state({ steps }), { columns: 60, rows: 20 }, noPaint);
  const section = lines.slice(3, lines.indexOf('', 3));
  assert.equal(section.length, 3);
  assert.match(section.join('\n'), /✓ scale:9 29\.0 s/);
});

test('fills any terminal exactly, in colour or without', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 60 }), (columns, rows) => {
      const plain = renderPicture(state(), { columns, rows }, noPaint);
      assert.equal(plain.length, rows);
      assert.ok(plain.every((line) => line.length <= columns));
      const painted = renderPicture(state(), { columns, rows }, ansiPaint);
      assert.deepEqual(
        painted.map((line) => line.replaceAll(/\u001b\[[0-9;]*m/g, '')),
        plain,
      );
    }),
  );
});
