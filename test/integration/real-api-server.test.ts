import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { startRealApiServer } from '../support/real-api-server.ts';
import { createRealApiClient, valueAt } from '../support/real-api-server-client.ts';
import { START_TIMEOUT_MS } from '../support/real-api-server-kinds.ts';

const NAMESPACES = '/api/v1/namespaces';

describe('the real API server', () => {
  it('keeps its address and its objects when it is started again', {
    timeout: START_TIMEOUT_MS,
  }, async () => {
    const signal = AbortSignal.timeout(START_TIMEOUT_MS);
    await using server = await startRealApiServer(signal);
    await using client = createRealApiClient(server);
    await client.send('POST', NAMESPACES, { metadata: { name: 'kept' } });
    await server.stop();
    await assert.rejects(client.send('GET', `${NAMESPACES}/kept`), { code: 'ECONNREFUSED' });
    await server.start(signal);
    const { body } = await client.send('GET', `${NAMESPACES}/kept`);
    assert.equal(valueAt(body, 'metadata.name'), 'kept');
  });

  it('says which program it misses, and where', async () => {
    const environment = { XDG_CACHE_HOME: '/nowhere' };
    await assert.rejects(startRealApiServer(AbortSignal.timeout(START_TIMEOUT_MS), environment), {
      message: /put kube-apiserver v[0-9.]+ at \/nowhere\/quorate-kube\/v[0-9.]+\/bin\/kube-apiserver/,
    });
  });
});
