import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ResourceType } from '../../src/kube/resource-type.ts';
import { aLiveObject, aPage, aStatus } from '../support/scripted-api-server.ts';
import { openObjectApi } from '../support/scripted-object-api.ts';

const SETS: ResourceType = { apiVersion: 'apps/v1', kind: 'StatefulSet', plural: 'statefulsets' };
const NODES: ResourceType = { apiVersion: 'v1', kind: 'Node', plural: 'nodes' };
const SET = { namespace: 'ns', name: 'a' };
const SET_PATH = '/apis/apps/v1/namespaces/ns/statefulsets/a';

describe('the object API reading', () => {
  it('reads an object, in a namespace or in none', async (t) => {
    const { server, api } = await openObjectApi(t);
    const asked = api.read(SETS, SET, t.signal);
    const visit = await server.next();
    assert.deepEqual([visit.method, visit.path], ['GET', SET_PATH]);
    visit.answer(200, aLiveObject('a', 3, { fields: { spec: { replicas: 3 } } }));
    const read = await asked;
    assert.ok(read.kind === 'done');
    assert.equal(read.value.metadata.resourceVersion, '3');
    assert.deepEqual(read.value['spec'], { replicas: 3 });

    const node = api.read(NODES, { name: 'n:1' }, t.signal);
    const second = await server.next();
    assert.equal(second.path, '/api/v1/nodes/n%3A1');
    second.answer(404, aStatus(404, 'NotFound', 'nodes "n" not found'));
    assert.deepEqual(await node, { kind: 'not-found', message: 'nodes "n" not found' });
  });

  it('takes an object without a UID for nonsense', async (t) => {
    const { server, api } = await openObjectApi(t);
    const asked = api.read(SETS, SET, t.signal);
    (await server.next()).answer(200, { metadata: { name: 'a' } });
    assert.equal((await asked).kind, 'unknown');
  });

  it('lists a page and goes on where it ended', async (t) => {
    const { server, api } = await openObjectApi(t);
    const scope = { namespace: 'ns', labelSelector: 'a in (b,c)' };
    const first = api.list(SETS, { ...scope, limit: 2 }, t.signal);
    const visit = await server.next();
    assert.deepEqual(Object.fromEntries(visit.query), { labelSelector: 'a in (b,c)', limit: '2' });
    visit.answer(200, aPage([aLiveObject('a', 1), aLiveObject('b', 2)], 9, 'more'));
    const page = await first;
    assert.ok(page.kind === 'done');
    assert.deepEqual([page.value.items.length, page.value.resourceVersion], [2, '9']);
    assert.equal(page.value.continueToken, 'more');

    const second = api.list(SETS, { limit: 2, continueToken: 'more' }, t.signal);
    const next = await server.next();
    assert.equal(next.path, '/apis/apps/v1/statefulsets');
    assert.equal(next.query.get('continue'), 'more');
    // What Go makes of an empty list.
    next.answer(200, { metadata: { resourceVersion: '9' }, items: null });
    const last = await second;
    assert.deepEqual(last, {
      kind: 'done',
      value: { items: [], resourceVersion: '9', continueToken: undefined },
    });
  });

  it('says that a page is too old', async (t) => {
    const { server, api } = await openObjectApi(t);
    const asked = api.list(SETS, { limit: 2, continueToken: 'old' }, t.signal);
    (await server.next()).answer(410, aStatus(410, 'Expired', 'the token is too old'));
    assert.deepEqual(await asked, { kind: 'gone', message: 'the token is too old' });
  });
});

describe('the object API writing', () => {
  it('applies as our field manager, with force', async (t) => {
    const { server, api } = await openObjectApi(t);
    const wanted = { metadata: { name: 'a', namespace: 'ns' }, spec: { replicas: 3 } };
    const asked = api.apply(SETS, wanted, t.signal);
    const visit = await server.next();
    assert.deepEqual([visit.method, visit.path], ['PATCH', SET_PATH]);
    assert.equal(visit.headers['content-type'], 'application/apply-patch+yaml');
    assert.deepEqual(Object.fromEntries(visit.query), { fieldManager: 'quorate', force: 'true' });
    assert.deepEqual(JSON.parse(visit.body), { ...wanted, apiVersion: 'apps/v1', kind: 'StatefulSet' });
    visit.answer(201, aLiveObject('a', 1));
    assert.equal((await asked).kind, 'done');
  });

  it('applies a status apart', async (t) => {
    const { server, api } = await openObjectApi(t);
    const asked = api.applyStatus(SETS, { metadata: { name: 'a', namespace: 'ns' } }, t.signal);
    const visit = await server.next();
    assert.equal(visit.path, `${SET_PATH}/status`);
    visit.answer(409, aStatus(409, 'Conflict', 'another UID'));
    assert.deepEqual(await asked, { kind: 'conflict', reason: 'Conflict', message: 'another UID' });
  });

  it('removes only what it means, in the way it is told', async (t) => {
    const { server, api } = await openObjectApi(t);
    const how = { uid: 'u1', resourceVersion: '4', propagation: 'Foreground' } as const;
    const asked = api.remove(SETS, SET, how, t.signal);
    const visit = await server.next();
    assert.deepEqual([visit.method, visit.path], ['DELETE', SET_PATH]);
    assert.deepEqual(JSON.parse(visit.body), {
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      preconditions: { uid: 'u1', resourceVersion: '4' },
      propagationPolicy: 'Foreground',
    });
    visit.answer(200, { kind: 'Status', status: 'Success' });
    assert.deepEqual(await asked, { kind: 'done', value: 'accepted' });
  });

  it('creates and replaces records', async (t) => {
    const { server, api } = await openObjectApi(t);
    const object = aLiveObject('a', 5);
    const created = api.create(SETS, { metadata: { name: 'a', namespace: 'ns' } }, t.signal);
    const visit = await server.next();
    assert.deepEqual([visit.method, visit.path], ['POST', '/apis/apps/v1/namespaces/ns/statefulsets']);
    visit.answer(409, aStatus(409, 'AlreadyExists', 'taken'));
    assert.deepEqual(await created, { kind: 'conflict', reason: 'AlreadyExists', message: 'taken' });

    const updated = api.update(SETS, object, t.signal);
    const second = await server.next();
    assert.deepEqual([second.method, second.path], ['PUT', SET_PATH]);
    assert.equal(JSON.parse(second.body).metadata.resourceVersion, '5');
    second.answer(200, aLiveObject('a', 6));
    assert.equal((await updated).kind, 'done');
  });

  it('hands on what the API server refuses, in its own words', async (t) => {
    const { server, api } = await openObjectApi(t);
    const asked = api.apply(SETS, { metadata: { name: 'a', namespace: 'ns' } }, t.signal);
    (await server.next()).answer(422, aStatus(422, 'Invalid', 'spec.replicas: must not be negative'));
    assert.deepEqual(await asked, {
      kind: 'refused',
      status: 422,
      reason: 'Invalid',
      message: 'spec.replicas: must not be negative',
    });
  });
});
