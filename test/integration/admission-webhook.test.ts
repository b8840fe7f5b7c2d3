/** Every rule of the table, said by the webhook to a real API server whose schemas know none of them. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { KindName } from '../../src/api/kind-rules.ts';
import { createHttpObjectApi } from '../../src/kube/http-object-api.ts';
import { createHttpTransport } from '../../src/kube/http-transport.ts';
import { openWebhook, type Webhook } from '../../src/operator/webhook/open-webhook.ts';
import { BACKUP_CASES, BACKUP_CHANGES } from '../api/backup-cases.ts';
import { CLUSTER_CASES, CLUSTER_CHANGES } from '../api/cluster-cases.ts';
import { RESTORE_CASES, RESTORE_CHANGES } from '../api/restore-cases.ts';
import { NAMESPACE, type RuleCase, type TransitionCase } from '../api/rule-case.ts';
import { type CapturedLog, captureLog } from '../support/captured-log.ts';
import { claimLoopbackAddresses } from '../support/loopback-address.ts';
import { startRealApiServer } from '../support/real-api-server.ts';
import {
  createRealApiClient,
  type RealApiAnswer,
  type RealApiClient,
  valueAt,
} from '../support/real-api-server-client.ts';
import { installKindsWithoutRules, START_TIMEOUT_MS } from '../support/real-api-server-kinds.ts';
import { anObject, create, messageOf, pathOf } from './own-objects.ts';
import { assertSays, assertVerdict, messageIn, NAMED_CASES, prepareCases } from './request-verdicts.ts';

const OPERATORS = 'operators';
const NAME = 'quorate-operator';
const PORT = 9443;
const CONFIGURATION = `/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/${NAME}.${OPERATORS}`;
const SECRET = `/api/v1/namespaces/${OPERATORS}/secrets/${NAME}-webhook`;
const LIMITS = `/api/v1/namespaces/${OPERATORS}/configmaps`;
/** The server learns of a webhook within a second or so. */
const IN_FORCE_MS_MAX = 20_000;
const POLL_MS = 50;
const EVEN = { metadata: { name: 'canary', namespace: NAMESPACE }, spec: { size: 2 } };

const undo = new AsyncDisposableStack();
const log: CapturedLog = captureLog();
let api: RealApiClient;
/** Starts one more operator's webhook at the same address. */
let startWebhook: () => Promise<{ readonly webhook: Webhook; stop(): Promise<void> }>;
let current: Awaited<ReturnType<typeof startWebhook>>;

before(
  async () => {
    const signal = AbortSignal.timeout(START_TIMEOUT_MS);
    const server = undo.use(await startRealApiServer(signal));
    api = undo.use(createRealApiClient(server));
    await installKindsWithoutRules(api, signal);
    for (const name of [NAMESPACE, OPERATORS]) {
      await api.send('POST', '/api/v1/namespaces', { metadata: { name } });
    }
    await prepareCases(api);
    const host = undo.use(await claimLoopbackAddresses()).of(0);
    const credentials = { headers: { authorization: `Bearer ${server.token}` }, tls: { ca: server.ca } };
    const transport = createHttpTransport({
      server: server.url,
      namespace: undefined,
      read: async () => credentials,
    });
    undo.defer(() => transport.close());
    const objects = createHttpObjectApi({ transport, fieldManager: 'quorate' });
    const url = new URL(`https://${host}:${PORT}`);
    startWebhook = async () => {
      const stopping = new AbortController();
      const webhook = await openWebhook(
        { address: { host, port: PORT }, target: { kind: 'url', url }, namespace: OPERATORS, name: NAME },
        { api: objects, namespaces: undefined, logger: log.logger, onOutcome: () => {} },
      );
      const running = webhook.run(stopping.signal);
      return {
        webhook,
        stop: async () => {
          stopping.abort();
          webhook.server.close();
          webhook.server.closeAllConnections();
          await running;
        },
      };
    };
    current = await startWebhook();
    undo.defer(() => current.stop());
    await untilAsked(422);
  },
  { timeout: START_TIMEOUT_MS },
);
after(() => undo.disposeAsync());

/** Waits until an even size is answered by `status`: 422 when the webhook is asked, 201 when nobody is. */
async function untilAsked(status: number): Promise<void> {
  const deadline = AbortSignal.timeout(IN_FORCE_MS_MAX);
  for (;;) {
    const answer = await create(api, anObject('EtcdCluster', EVEN), '?dryRun=All');
    if (answer.status === status) {
      return;
    }
    const seen = `${answer.status} ${messageOf(answer)} ${JSON.stringify(log.lines)}`;
    assert.ok(!deadline.aborted, `not ${status} in time; seen last: ${seen}`);
    await delay(POLL_MS);
  }
}

judgesAlike('EtcdCluster', CLUSTER_CASES, CLUSTER_CHANGES);
judgesAlike('EtcdBackup', BACKUP_CASES, BACKUP_CHANGES);
judgesAlike('EtcdRestore', RESTORE_CASES, RESTORE_CHANGES);

function judgesAlike<Spec>(
  kind: KindName,
  cases: readonly RuleCase<Spec>[],
  changes: readonly TransitionCase<Spec>[],
): void {
  describe(`the webhook judges an ${kind} as the schema does`, () => {
    for (const { title, breaks, object } of cases) {
      it(title, async () => {
        const answer = await create(api, anObject(kind, object), '?dryRun=All');
        sameVerdict(answer, kind, breaks, 201);
      });
    }
    for (const { title, breaks, before: old, next } of changes) {
      it(title, async () => {
        const made = await create(api, anObject(kind, old));
        assert.equal(made.status, 201, messageOf(made));
        const metadata = valueAt(made.body, 'metadata');
        const changed = { ...anObject(kind, next), metadata };
        const answer = await api.send('PUT', `${pathOf(made.body)}?dryRun=All`, changed);
        await api.send('DELETE', pathOf(made.body));
        sameVerdict(answer, kind, breaks, 200);
      });
    }
  });
}

function sameVerdict(
  answer: RealApiAnswer,
  kind: KindName,
  breaks: string | undefined,
  accepted: number,
): void {
  if (breaks === undefined) {
    assert.equal(answer.status, accepted, messageOf(answer));
  } else {
    assert.equal(answer.status, 422, messageOf(answer));
    assertSays(answer, messageIn(kind, breaks));
  }
}

describe('a request is judged by the webhook as by the table', () => {
  let known = '';
  for (const each of NAMED_CASES) {
    it(each.title, async () => {
      const { limits: data } = each.asked;
      if (JSON.stringify(data) !== known) {
        const object = { metadata: { name: `${NAME}-limits` }, data };
        const put = await api.send('PUT', `${LIMITS}/${NAME}-limits`, object);
        const made = put.status === 404 ? await api.send('POST', LIMITS, object) : put;
        assert.ok(made.status < 300, messageOf(made));
        known = JSON.stringify(data);
      }
      await assertVerdict(api, each);
    });
  }
});

describe('a refusal', () => {
  it('names the field, so that kubectl can', async () => {
    const answer = await create(api, anObject('EtcdCluster', EVEN), '?dryRun=All');
    const causes = valueAt(answer.body, 'details.causes');
    const message = messageIn('EtcdCluster', 'odd-size');
    assert.deepEqual(causes, [{ reason: 'FieldValueInvalid', field: 'spec.size', message }]);
  });
});

describe('the webhook', () => {
  it('is known to the API server by an authority whose key stays in the operator’s namespace', async () => {
    const bundle = valueAt((await api.send('GET', CONFIGURATION)).body, 'webhooks.0.clientConfig.caBundle');
    const data = Object((await api.send('GET', SECRET)).body)['data'];
    assert.equal(bundle, data['ca.crt']);
    assert.deepEqual(Object.keys(data).toSorted(), ['ca.crt', 'ca.key']);
  });

  it('keeps nobody from anything while no operator runs, and is back with the authority it had', async () => {
    const before = (await api.send('GET', SECRET)).body;
    await current.stop();
    await untilAsked(201);
    current = await startWebhook();
    await untilAsked(422);
    assert.deepEqual((await api.send('GET', SECRET)).body, before);
  });

  it('warns of nothing but what it was meant to', () => {
    assert.deepEqual(
      log.lines.filter(({ level }) => level === 'warn'),
      [],
    );
  });
});
