import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { WatchEnd, WatchEvent } from '../../src/kube/object-api.ts';
import { aLiveObject, aStatus, type Visit } from '../support/scripted-api-server.ts';
import { openObjectApi } from '../support/scripted-object-api.ts';

const PODS = { apiVersion: 'v1', kind: 'Pod', plural: 'pods' };
const QUERY = { resourceVersion: '5', timeoutSeconds: 60, silenceMsMax: 60_000 };

/** A watch that was asked for, and the request that came of it. */
async function watching(t: TestContext, signal = t.signal) {
  const { server, api } = await openObjectApi(t);
  const events = api.watch(PODS, QUERY, signal)[Symbol.asyncIterator]();
  const first = events.next();
  const visit = await server.next();
  return { visit, first, next: async () => eventIn(await events.next()), stop: () => events.return?.() };
}

function eventIn(result: IteratorResult<WatchEvent, unknown>): WatchEvent | 'over' {
  return result.done === true ? 'over' : result.value;
}

/** How a watch ends that is played like this after it was opened. */
async function endOf(t: TestContext, play: (visit: Visit) => void): Promise<WatchEnd> {
  const { visit, first, next } = await watching(t);
  visit.beginWatch();
  assert.equal(eventIn(await first) !== 'over', true);
  play(visit);
  const event = await next();
  assert.ok(event !== 'over' && event.kind === 'ended', JSON.stringify(event));
  assert.equal(await next(), 'over');
  await visit.closed;
  return event.how;
}

describe('a watch', () => {
  it('asks for changes after a version, and for bookmarks', async (t) => {
    const { visit, stop } = await watching(t);
    assert.equal(visit.path, '/api/v1/pods');
    assert.deepEqual(Object.fromEntries(visit.query), {
      watch: 'true',
      allowWatchBookmarks: 'true',
      resourceVersion: '5',
      timeoutSeconds: '60',
    });
    visit.answer(200, '');
    await stop();
  });

  it('tells every event, in order, however it arrives', async (t) => {
    const { visit, first, next } = await watching(t);
    visit.beginWatch();
    assert.deepEqual(await first, { done: false, value: { kind: 'opened' } });
    visit.say('ADDED', aLiveObject('ä', 6));
    const added = await next();
    assert.equal(added !== 'over' && added.kind === 'added' && added.object.metadata.name, 'ä');
    const lines = ['MODIFIED', 'DELETED'].map((type) =>
      JSON.stringify({ type, object: aLiveObject('ä', 7) }),
    );
    visit.write(`${lines.join('\n')}\n`);
    assert.partialDeepStrictEqual(await next(), { kind: 'modified' });
    assert.partialDeepStrictEqual(await next(), { kind: 'deleted' });
    visit.say('BOOKMARK', { metadata: { resourceVersion: '8' } });
    assert.deepEqual(await next(), { kind: 'bookmark', resourceVersion: '8' });
    visit.end();
    assert.deepEqual(await next(), { kind: 'ended', how: { kind: 'closed' } });
    assert.equal(await next(), 'over');
  });

  it('ends when the server refuses it', async (t) => {
    const { visit, first, next } = await watching(t);
    visit.answer(410, aStatus(410, 'Expired', 'too old'));
    const how = { kind: 'gone', message: 'too old' };
    assert.deepEqual(await first, { done: false, value: { kind: 'ended', how } });
    assert.equal(await next(), 'over');
  });

  it('ends when the connection breaks, between two lines or inside one', async (t) => {
    assert.equal((await endOf(t, (visit) => visit.reset())).kind, 'unknown');
    const inside = await endOf(t, (visit) => {
      visit.write('{"type":"ADD');
      visit.end();
    });
    assert.deepEqual(inside, { kind: 'unknown', why: 'the watch ended inside a line' });
  });

  it('ends when nothing is heard for too long, be it before the first answer', async (t) => {
    const { server, api } = await openObjectApi(t);
    const opening = server.next().then((visit) => visit.beginWatch());
    opening.catch(() => undefined);
    const events: WatchEvent[] = [];
    for await (const event of api.watch(PODS, { ...QUERY, silenceMsMax: 100 }, t.signal)) {
      events.push(event);
    }
    const how = { kind: 'unknown', why: 'nothing was heard for 100 ms' };
    // Whether the server came to open it within that time is the machine's business.
    assert.deepEqual(
      events.filter(({ kind }) => kind !== 'opened'),
      [{ kind: 'ended', how }],
    );
  });

  it('ends on a line that makes no sense, on one that is too long, and on an error', async (t) => {
    assert.equal((await endOf(t, (visit) => visit.write('<html>\n'))).kind, 'unreadable');
    const long = await endOf(t, (visit) => visit.write('x'.repeat(9 * 1024 * 1024)));
    assert.match(long.kind === 'unreadable' ? long.why : '', /longer than/);
    const gone = await endOf(t, (visit) => visit.say('ERROR', aStatus(410, 'Expired', 'old')));
    assert.deepEqual(gone, { kind: 'gone', message: 'old' });
  });

  it('breaks off when its reader stops, and when it is told to', async (t) => {
    const { visit, first, stop } = await watching(t);
    visit.beginWatch();
    await first;
    await stop();
    await visit.closed;

    const end = new AbortController();
    const other = await watching(t, end.signal);
    other.visit.beginWatch();
    await other.first;
    end.abort();
    assert.partialDeepStrictEqual(await other.next(), { kind: 'ended', how: { kind: 'unknown' } });
    assert.equal(await other.next(), 'over');
    await other.visit.closed;
  });
});
