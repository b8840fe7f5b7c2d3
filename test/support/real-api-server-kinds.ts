import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { type RealApiServer, startRealApiServer } from './real-api-server.ts';
import { createRealApiClient, type RealApiClient, valueAt } from './real-api-server-client.ts';

const DEFINITIONS = join(import.meta.dirname, '..', '..', 'manifests', 'crd');
const RULES = 'x-kubernetes-validations';
const CRDS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

/** From nothing to a server with our kinds, on a busy machine. */
export const START_TIMEOUT_MS = 280_000;

export type ServerWithKinds = AsyncDisposable & {
  readonly client: RealApiClient;
  /** Where it is, and who may do everything. */
  readonly origin: Pick<RealApiServer, 'url' | 'token' | 'ca'>;
  /** The CustomResourceDefinitions as the server has them. */
  readonly definitions: readonly unknown[];
};

/** A real API server of one's own, with our kinds installed and these namespaces made. */
export async function startServerWithKinds(namespaces: readonly string[]): Promise<ServerWithKinds> {
  const signal = AbortSignal.timeout(START_TIMEOUT_MS);
  await using undo = new AsyncDisposableStack();
  const origin = undo.use(await startRealApiServer(signal));
  const client = undo.use(createRealApiClient(origin));
  const definitions = await installKinds(client, signal);
  for (const name of namespaces) {
    await client.send('POST', '/api/v1/namespaces', { metadata: { name } }, { signal });
  }
  const all = undo.move();
  return { client, origin, definitions, [Symbol.asyncDispose]: () => all.disposeAsync() };
}

/** Installs our kinds and waits until they are served; returns their definitions as the server has them. */
export async function installKinds(client: RealApiClient, signal?: AbortSignal): Promise<readonly unknown[]> {
  return Promise.all(readDefinitions().map((definition) => install(client, definition, signal)));
}

/** The same as an API server before Kubernetes 1.25 takes them, which knows of no rules. */
export async function installKindsWithoutRules(client: RealApiClient, signal?: AbortSignal): Promise<void> {
  const bare = readDefinitions().map((definition) =>
    JSON.parse(JSON.stringify(definition, (key, value) => (key === RULES ? undefined : value))),
  );
  await Promise.all(bare.map((definition) => install(client, definition, signal)));
}

function readDefinitions(): readonly unknown[] {
  return readdirSync(DEFINITIONS).map((file) => parse(readFileSync(join(DEFINITIONS, file), 'utf8')));
}

async function install(client: RealApiClient, definition: unknown, signal?: AbortSignal): Promise<unknown> {
  const name = valueAt(definition, 'metadata.name');
  const { status, body } = await client.send('POST', CRDS, definition, { signal });
  if (status !== 201) {
    throw new Error(`the API server refuses ${name}: ${valueAt(body, 'message')}`);
  }
  return client.until(
    CRDS,
    (object) => valueAt(object, 'metadata.name') === name && conditionOf(object, 'Established') === 'True',
    signal,
  );
}

/** The status of the condition of that type; undefined where it is not reported. */
export function conditionOf(object: unknown, type: string): unknown {
  const conditions = valueAt(object, 'status.conditions');
  const found = Array.isArray(conditions)
    ? conditions.find((condition) => valueAt(condition, 'type') === type)
    : undefined;
  return valueAt(found, 'status');
}
