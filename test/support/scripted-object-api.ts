import type { TestContext } from 'node:test';
import { createHttpObjectApi } from '../../src/kube/http-object-api.ts';
import { createHttpTransport } from '../../src/kube/http-transport.ts';
import { type ScriptedApiServer, serveScriptedApi } from './scripted-api-server.ts';

/** The object API over real HTTP, and the server that is played to it. */
export async function openObjectApi(
  t: TestContext,
): Promise<{ readonly server: ScriptedApiServer; readonly api: ReturnType<typeof createHttpObjectApi> }> {
  const server = await serveScriptedApi(t);
  const transport = createHttpTransport(server.credentials);
  t.after(() => transport.close());
  return { server, api: createHttpObjectApi({ transport, fieldManager: 'quorate' }) };
}
