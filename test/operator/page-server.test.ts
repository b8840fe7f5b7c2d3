import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { type Pages, plain, servePages } from '../../src/operator/page-server.ts';

const PAGES: Pages = {
  '/healthz': async () => plain(200, 'ok\n'),
  '/broken': async () => {
    throw new Error('out of order');
  },
};

async function serve(t: TestContext): Promise<string> {
  const server = await servePages(PAGES, { host: '127.0.0.1', port: 0 });
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function ask(url: string, method = 'GET'): Promise<readonly [number, string]> {
  const answer = await fetch(url, { method });
  return [answer.status, await answer.text()];
}

describe('the pages of the operator', () => {
  it('are shown to whoever gets them, whatever stands behind the question mark', async (t) => {
    const origin = await serve(t);
    assert.deepEqual(await ask(`${origin}/healthz`), [200, 'ok\n']);
    assert.deepEqual(await ask(`${origin}/healthz?verbose`), [200, 'ok\n']);
    assert.deepEqual(await ask(`${origin}/healthz`, 'HEAD'), [200, '']);
  });

  it('are never kept by anybody between', async (t) => {
    const answer = await fetch(`${await serve(t)}/healthz`);
    assert.equal(answer.headers.get('cache-control'), 'no-store');
    await answer.text();
  });

  it('name each other where there is none, names of methods included', async (t) => {
    const origin = await serve(t);
    const expected = 'there are /healthz, /broken\n';
    for (const path of ['/', '/metrics', '/toString', '/__proto__']) {
      assert.deepEqual(await ask(`${origin}${path}`), [404, `no such page: ${path}; ${expected}`]);
    }
  });

  it('are not written to', async (t) => {
    assert.deepEqual(await ask(`${await serve(t)}/healthz`, 'POST'), [405, 'GET only\n']);
  });

  it('say why where one fails, and the others go on', async (t) => {
    const origin = await serve(t);
    assert.deepEqual(await ask(`${origin}/broken`), [500, 'out of order\n']);
    assert.deepEqual(await ask(`${origin}/healthz`), [200, 'ok\n']);
  });

  it('cannot be served where somebody else is', async (t) => {
    const port = Number(new URL(await serve(t)).port);
    await assert.rejects(servePages(PAGES, { host: '127.0.0.1', port }), /EADDRINUSE/);
  });
});
