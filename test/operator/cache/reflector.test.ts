import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { aLiveObject, aPage, aStatus } from '../../support/scripted-api-server.ts';
import { followServer } from './followed-server.ts';

const bookmark = (resourceVersion: number) => ({ metadata: { resourceVersion: String(resourceVersion) } });

describe('a reflector', () => {
  it('lists page by page, then watches from where the list was', async (t) => {
    const { server, reflector, told, watched } = await followServer(t, { labelSelector: 'a=b' });
    const first = await server.next();
    assert.equal(first.path, '/api/v1/configmaps');
    assert.deepEqual(Object.fromEntries(first.query), { labelSelector: 'a=b', limit: '8' });
    first.answer(200, aPage([aLiveObject('a', 1)], 10, 'more'));
    const second = await server.next();
    assert.equal(second.query.get('continue'), 'more');
    assert.equal(reflector.isSynced(), false);
    second.answer(200, aPage([aLiveObject('b', 2)], 10));
    const watch = await watched();
    assert.equal(watch.query.get('resourceVersion'), '10');
    assert.equal(watch.query.get('labelSelector'), 'a=b');
    assert.deepEqual(told(), ['added ns/a 1', 'added ns/b 2']);
    assert.equal(reflector.isSynced(), true);
    await reflector.whenSynced(t.signal);
    assert.deepEqual(
      reflector.all().map(({ key }) => key),
      ['ns/a', 'ns/b'],
    );
  });

  it('tells what the watch tells', async (t) => {
    const { told, listed, seen } = await followServer(t);
    const watch = await listed([aLiveObject('a', 1)], 10);
    watch.say('MODIFIED', aLiveObject('a', 11));
    watch.say('ADDED', aLiveObject('b', 12));
    watch.say('DELETED', aLiveObject('a', 13));
    await seen('a', undefined);
    assert.deepEqual(told(), ['added ns/a 1', 'changed ns/a 1→11', 'added ns/b 12', 'removed ns/a 11']);
  });

  it('goes on from the last version it heard of, without a list', async (t) => {
    const { told, listed, watched, seen } = await followServer(t);
    const first = await listed([], 10);
    first.say('ADDED', aLiveObject('a', 11));
    first.say('BOOKMARK', bookmark(19));
    first.end();
    const second = await watched();
    assert.equal(second.query.get('resourceVersion'), '19');
    second.say('MODIFIED', aLiveObject('a', 21));
    await seen('a', 21);
    assert.deepEqual(told(), ['added ns/a 11', 'changed ns/a 11→21']);
    second.reset();
    assert.equal((await watched()).query.get('resourceVersion'), '21');
  });

  it('knows when it last heard', async (t) => {
    const { server, reflector, watched } = await followServer(t);
    const list = await server.next();
    assert.equal(reflector.lastHeardMs(), undefined);
    list.answer(200, aPage([], 1));
    await watched();
    const heardMs = reflector.lastHeardMs();
    assert.ok(heardMs !== undefined && heardMs <= performance.now());
  });

  it('watches each namespace by itself', async (t) => {
    const { server, reflector, told } = await followServer(t, { namespaces: ['ns', 'other'] });
    const lists = [await server.next(), await server.next()];
    const [first, second] = lists.toSorted((a, b) => (a.path < b.path ? -1 : 1));
    assert.equal(first?.path, '/api/v1/namespaces/ns/configmaps');
    assert.equal(second?.path, '/api/v1/namespaces/other/configmaps');
    first?.answer(200, aPage([aLiveObject('a', 1)], 5));
    (await server.next()).beginWatch();
    assert.equal(reflector.isSynced(), false, 'the other namespace is not listed yet');
    assert.equal(reflector.lastHeardMs(), undefined);
    second?.answer(200, aPage([aLiveObject('a', 2, { namespace: 'other' })], 5));
    (await server.next()).beginWatch();
    assert.equal(reflector.isSynced(), true);
    assert.deepEqual(told(), ['added ns/a 1', 'added other/a 2']);
    assert.equal(reflector.get('other', 'a')?.value, '2');
    assert.equal(reflector.get('third', 'a'), undefined);
  });

  it('stops when it is told to, and lets go of who waits', async (t) => {
    const { server, reflector, stop, ended } = await followServer(t);
    const waiting = reflector.whenSynced(stop.signal);
    const list = await server.next();
    stop.abort();
    await Promise.all([ended, waiting, list.closed]);
    assert.equal(reflector.isSynced(), false);

    const other = await followServer(t);
    const watch = await other.listed([], 1);
    other.stop.abort();
    await Promise.all([other.ended, watch.closed]);
  });
});

describe('a reflector that missed something', () => {
  it('finds it when its point is too old: what is gone, what is new, what changed, what was made anew', async (t) => {
    const { told, listed, server, news } = await followServer(t);
    const watch = await listed(
      [aLiveObject('gone', 1), aLiveObject('same', 2), aLiveObject('changed', 3), aLiveObject('anew', 4)],
      10,
    );
    told();
    watch.reset();
    const refused = await server.next();
    assert.equal(refused.query.get('resourceVersion'), '10');
    refused.answer(410, aStatus(410, 'Expired'));
    const now = [
      aLiveObject('same', 2),
      aLiveObject('changed', 30),
      aLiveObject('anew', 40, { uid: 'another' }),
      aLiveObject('new', 50),
    ];
    await listed(now, 60);
    assert.deepEqual(told(), [
      'changed ns/changed 3→30',
      'removed ns/anew 4',
      'added ns/anew 40',
      'added ns/new 50',
      'removed ns/gone 1',
    ]);
    assert.deepEqual(
      news.flatMap((each) => (each.kind === 'listed' ? [each.corrections] : [])),
      [0, 5],
    );
  });

  it('finds it when the server says in the middle of a watch that it cannot go on', async (t) => {
    const { told, listed } = await followServer(t);
    const watch = await listed([aLiveObject('a', 1)], 10);
    watch.say('BOOKMARK', bookmark(12));
    watch.say('ERROR', aStatus(410, 'Expired'));
    await listed([], 20);
    assert.deepEqual(told(), ['added ns/a 1', 'removed ns/a 1']);
  });

  it('finds it after a line that makes no sense, even if it would come again and again', async (t) => {
    const { told, listed } = await followServer(t);
    const watch = await listed([aLiveObject('a', 1)], 10);
    watch.write('{"type":"MODIFIED","object":{}}\n');
    await listed([aLiveObject('a', 11)], 20);
    assert.deepEqual(told(), ['added ns/a 1', 'changed ns/a 1→11']);
  });

  it('finds it from time to time in any case, and tells nothing else', async (t) => {
    const { server, told, listed, news, watched } = await followServer(t, {
      pace: { relistMs: 20, usefulWatchMs: 0 },
    });
    let visit = await listed([aLiveObject('a', 1), aLiveObject('b', 2)], 10);
    assert.equal(visit.query.get('timeoutSeconds'), '1');
    while (visit.query.get('watch') === 'true') {
      visit.end();
      visit = await server.next();
      if (visit.query.get('watch') === 'true') {
        visit.beginWatch();
      }
    }
    visit.answer(200, aPage([aLiveObject('a', 1)], 30));
    await watched();
    assert.deepEqual(told(), ['added ns/a 1', 'added ns/b 2', 'removed ns/b 2']);
    assert.deepEqual(
      news.map((each) => (each.kind === 'listed' ? each.corrections : each.kind)),
      [0, 1],
    );
  });

  it('takes nothing for gone because of a list that broke off', async (t) => {
    const { told, listed, server, reflector } = await followServer(t);
    const watch = await listed([aLiveObject('a', 1), aLiveObject('b', 2)], 10);
    watch.say('ERROR', aStatus(410, 'Expired'));
    (await server.next()).answer(200, aPage([aLiveObject('a', 1)], 20, 'more'));
    (await server.next()).answer(410, aStatus(410, 'Expired', 'the token is too old'));
    await listed([aLiveObject('a', 1), aLiveObject('b', 2)], 30);
    assert.deepEqual(told(), ['added ns/a 1', 'added ns/b 2']);
    assert.equal(reflector.all().length, 2);
  });
});

describe('a reflector in trouble', () => {
  it('survives every answer to a list, and asks for less', async (t) => {
    const { server, listed, told, news } = await followServer(t);
    const limits: (string | null)[] = [];
    for (const status of [401, 401, 403, 404, 429, 500, 503]) {
      const visit = await server.next();
      limits.push(visit.query.get('limit'));
      visit.answer(status, aStatus(status, 'Whatever'));
    }
    (await server.next()).answer(200, '<html>');
    (await server.next()).answer(200, aPage([{ metadata: { name: 'without a UID' } }], 1));
    (await server.next()).reset();
    await listed([aLiveObject('a', 1)], 10);
    assert.deepEqual(told(), ['added ns/a 1']);
    // The first 401 is answered by showing new credentials, not by another list.
    assert.deepEqual(limits, ['8', '8', '4', '2', '1', '1', '1']);
    assert.equal(news.filter((each) => each.kind === 'failed').length, 9);
  });

  it('survives every end of a watch', async (t) => {
    const { server, listed, told } = await followServer(t);
    const first = await listed([aLiveObject('a', 1)], 10);
    first.reset();
    for (const status of [403, 429, 404]) {
      (await server.next()).answer(status, aStatus(status, 'Whatever'));
      await listed([aLiveObject('a', 1)], 10).then((watch) => watch.reset());
    }
    (await server.next()).answer(200, '<html>\n');
    const last = await listed([aLiveObject('a', 1)], 11);
    last.say('DELETED', aLiveObject('a', 12));
    last.end();
    await server.next();
    assert.deepEqual(told(), ['added ns/a 1', 'removed ns/a 1']);
  });

  it('notices a connection that says nothing any more', async (t) => {
    const { listed, watched } = await followServer(t, { pace: { silenceMsMax: 30 } });
    const silent = await listed([], 10);
    const next = await watched();
    await silent.closed;
    assert.equal(next.query.get('resourceVersion'), '10');
  });

  it('lists again when watches fail one after the other, whatever the reason', async (t) => {
    const { server, listed } = await followServer(t);
    (await listed([], 10)).reset();
    (await server.next()).answer(504, aStatus(504, 'Timeout', 'Too large resource version'));
    (await server.next()).reset();
    await listed([], 20);
  });

  it('waits longer after each failure, as long as it is asked to, and not too long', async (t) => {
    const { server, listed, news } = await followServer(t, { pace: { retryAfterMsMax: 50 } });
    (await server.next()).reset();
    (await server.next()).reset();
    (await server.next()).reset();
    (await server.next()).answer(429, aStatus(429, 'TooManyRequests'), { 'retry-after': '3600' });
    await listed([], 10);
    assert.deepEqual(
      news.flatMap((each) => (each.kind === 'failed' ? [each.retryInMs] : [])),
      [1.5, 3, 3, 50],
    );
  });

  it('goes on when a handler throws', async (t) => {
    const { listed, seen, news } = await followServer(t, {
      onChange: () => {
        throw new Error('a bug');
      },
    });
    const watch = await listed([aLiveObject('a', 1)], 10);
    watch.say('MODIFIED', aLiveObject('a', 11));
    await seen('a', 11);
    assert.equal(news.filter((each) => each.kind === 'stumbled').length, 2);
  });
});
