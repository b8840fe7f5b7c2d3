/** What no schema can say, said by ValidatingAdmissionPolicies on a real API server. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { limitsPolicy, type PolicySpec, requestPolicy } from '../../scripts/chart/admission-policy.ts';
import type { KindName } from '../../src/api/kind-rules.ts';
import { BACKUP_CASES } from '../api/backup-cases.ts';
import { CLUSTER_CASES } from '../api/cluster-cases.ts';
import { RESTORE_CASES } from '../api/restore-cases.ts';
import { NAMESPACE, type RuleCase } from '../api/rule-case.ts';
import { type RealApiClient, valueAt } from '../support/real-api-server-client.ts';
import {
  type ServerWithKinds,
  START_TIMEOUT_MS,
  startServerWithKinds,
} from '../support/real-api-server-kinds.ts';
import { anObject, create, messageOf } from './own-objects.ts';
import { assertVerdict, messageIn, NAMED_CASES, prepareCases } from './request-verdicts.ts';

const ADMISSION = '/apis/admissionregistration.k8s.io/v1';
const OPERATORS = 'operators';
const CANARY = 'canary';
const LIMITS = 'limits';
const LIMITS_PATH = `/api/v1/namespaces/${OPERATORS}/configmaps`;
/** The server compiles a policy, and learns of other limits, within a second or two. */
const IN_FORCE_MS_MAX = 20_000;
const POLL_MS = 50;

let server: ServerWithKinds;
let api: RealApiClient;
let step = 0;
before(
  async () => {
    server = await startServerWithKinds([NAMESPACE, OPERATORS, CANARY]);
    api = server.client;
    await prepareCases(api);
    await install('requests', requestPolicy(), undefined);
    await install('limits', limitsPolicy(), {
      name: LIMITS,
      namespace: OPERATORS,
      parameterNotFoundAction: 'Allow',
    });
  },
  { timeout: START_TIMEOUT_MS },
);
after(() => server[Symbol.asyncDispose]());

async function install(name: string, spec: PolicySpec, paramRef: object | undefined): Promise<void> {
  const binding = {
    policyName: name,
    validationActions: ['Deny'],
    ...(paramRef === undefined ? {} : { paramRef }),
  };
  const made = [
    await api.send('POST', `${ADMISSION}/validatingadmissionpolicies`, { metadata: { name }, spec }),
    await api.send('POST', `${ADMISSION}/validatingadmissionpolicybindings`, {
      metadata: { name },
      spec: binding,
    }),
  ];
  for (const answer of made) {
    assert.equal(answer.status, 201, messageOf(answer));
  }
}

/** The canary's own limit grows with every step, so that what it may tells which limits are in force. */
async function limit(limits: Readonly<Record<string, string>>): Promise<void> {
  step += 1;
  const data = { ...limits, [`${CANARY}.max-size`]: '9', [`${CANARY}.max-volume-size`]: `${step}Gi` };
  const object = { metadata: { name: LIMITS }, data };
  const answer =
    step === 1
      ? await api.send('POST', LIMITS_PATH, object)
      : await api.send('PUT', `${LIMITS_PATH}/${LIMITS}`, object);
  assert.ok(answer.status < 300, messageOf(answer));
  const deadline = AbortSignal.timeout(IN_FORCE_MS_MAX);
  while ((await tryVolumes(step)) !== 201 || (await tryVolumes(step + 1)) !== 422) {
    await delay(POLL_MS, undefined, { signal: deadline });
  }
}

async function tryVolumes(sizeGi: number): Promise<number> {
  const metadata = { name: 'demo', namespace: CANARY };
  const spec = { size: 1, storage: { size: `${sizeGi}Gi` } };
  return (await create(api, anObject('EtcdCluster', { metadata, spec }), '?dryRun=All')).status;
}

describe('a request is judged by a policy as by the table', () => {
  let current = '';
  for (const each of NAMED_CASES) {
    it(each.title, async () => {
      const wanted = JSON.stringify(each.asked.limits);
      if (wanted !== current) {
        await limit(each.asked.limits);
        current = wanted;
      }
      await assertVerdict(api, each);
    });
  }

  it('and the server has nothing to say about the policies themselves', async () => {
    const { body } = await api.send('GET', `${ADMISSION}/validatingadmissionpolicies`);
    const items = valueAt(body, 'items');
    assert.ok(Array.isArray(items) && items.length === 2);
    for (const item of items) {
      assert.equal(valueAt(item, 'status.typeChecking.expressionWarnings'), undefined);
    }
  });
});

describe('limits that nobody has set', () => {
  it('limit nothing', async () => {
    assert.equal(await tryVolumes(1_000), 422);
    await api.send('DELETE', `${LIMITS_PATH}/${LIMITS}`);
    const deadline = AbortSignal.timeout(IN_FORCE_MS_MAX);
    while ((await tryVolumes(1_000)) !== 201) {
      await delay(POLL_MS, undefined, { signal: deadline });
    }
  });
});

schemaAndPolicyAgree('EtcdCluster', CLUSTER_CASES);
schemaAndPolicyAgree('EtcdBackup', BACKUP_CASES);
schemaAndPolicyAgree('EtcdRestore', RESTORE_CASES);

function schemaAndPolicyAgree<Spec>(kind: KindName, cases: readonly RuleCase<Spec>[]): void {
  describe(`schema and policy together say of an ${kind} what the table says`, () => {
    for (const { title, breaks, object } of cases) {
      it(`${breaks ?? 'none'}: broken by ${title}`, async () => {
        const answer = await create(api, anObject(kind, object), '?dryRun=All');
        assert.equal(answer.status, breaks === undefined ? 201 : 422, messageOf(answer));
        if (breaks !== undefined) {
          assert.ok(messageOf(answer).includes(messageIn(kind, breaks)), messageOf(answer));
        }
      });
    }
  });
}
