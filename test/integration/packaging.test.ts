/** The chart as Helm renders it, install.yaml and the samples, on a real API server. */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { parse, parseAllDocuments } from 'yaml';
import {
  ADMISSION_FILE,
  INSTALL_FILE,
  RELEASE_NAMESPACE,
  renderInstall,
  renderTemplates,
} from '../../scripts/chart/render-install.ts';
import { CHART_VARIANTS } from '../../scripts/chart/variants.ts';
import { ensureGoTool } from '../../scripts/tools/ensure-go-tool.ts';
import { HELM } from '../../scripts/tools/go-tools.ts';
import { createHttpObjectApi } from '../../src/kube/http-object-api.ts';
import { createHttpTransport } from '../../src/kube/http-transport.ts';
import { openWebhook } from '../../src/operator/webhook/open-webhook.ts';
import { PORTS } from '../../src/resources/ports.ts';
import { captureLog } from '../support/captured-log.ts';
import { isLetThrough, type NetworkPod } from '../support/network-verdict.ts';
import { type RealApiClient, valueAt } from '../support/real-api-server-client.ts';
import {
  type ServerWithKinds,
  START_TIMEOUT_MS,
  startServerWithKinds,
} from '../support/real-api-server-kinds.ts';
import { riskyRights } from '../support/risky-rights.ts';
import { applyManifest } from './apply-manifest.ts';
import { collectionOf, messageOf, PLURALS } from './own-objects.ts';

const ROOT = join(import.meta.dirname, '..', '..');
/** Helm has to be built where it was never needed before. */
const SETUP_TIMEOUT_MS = START_TIMEOUT_MS + 15 * 60_000;

/** Two keys and two requests. */
const SET_UP_MS_MAX = 20_000;

let server: ServerWithKinds;
let api: RealApiClient;
let helm: string;
before(
  async () => {
    helm = await ensureGoTool(HELM);
    server = await startServerWithKinds([RELEASE_NAMESPACE, 'one', 'two', 'default']);
    api = server.client;
  },
  { timeout: SETUP_TIMEOUT_MS },
);
after(() => server[Symbol.asyncDispose]());

const render = async (options: readonly string[]): Promise<readonly unknown[]> =>
  (await renderTemplates(ROOT, helm, options)).map((text) => parse(text));

for (const file of [INSTALL_FILE, ADMISSION_FILE]) {
  describe(file, () => {
    it('is what Helm makes of the chart (otherwise run `make manifests`)', async () => {
      const rendered = await renderInstall(ROOT, helm);
      assert.equal(readFileSync(join(ROOT, file), 'utf8'), rendered.get(file));
    });

    it('is accepted object by object, with no field that the server does not know', async () => {
      for (const document of parseAllDocuments(readFileSync(join(ROOT, file), 'utf8'))) {
        await assertApplied(document.toJS());
      }
    });
  });
}

describe('the chart', () => {
  for (const [name, options] of Object.entries(CHART_VARIANTS)) {
    it(`is accepted object by object: ${name}`, async () => {
      for (const object of await render(options)) {
        if (!String(valueAt(object, 'apiVersion')).startsWith('monitoring.coreos.com/')) {
          await assertApplied(object);
        }
      }
    });
  }

  for (const options of [
    [],
    ['--set', 'certificateNamespaces={one},networkPolicy.enabled=true,replicas=2'],
  ]) {
    it(`makes nothing cluster-scoped for an operator of some namespaces ${options.join(' ')}`, async () => {
      const objects = await render(['--set', 'namespaces={one,two}', ...options]);
      const lacking = objects.filter((object) => valueAt(object, 'metadata.namespace') === undefined);
      assert.deepEqual(lacking, []);
      const roles = objects.filter((object) => String(valueAt(object, 'kind')).includes('Role'));
      assert.ok(roles.every((role) => /^Role(Binding)?$/.test(String(valueAt(role, 'kind')))));
      const places = roles
        .filter(
          (role) => valueAt(role, 'metadata.name') === 'quorate-operator' && valueAt(role, 'kind') === 'Role',
        )
        .map((role) => valueAt(role, 'metadata.namespace'));
      assert.deepEqual(places, ['one', 'two']);
    });
  }

  it('gives cluster-wide rights beside `namespaces` for one thing only: the webhook’s own configuration', async () => {
    const objects = await render(['--set', 'namespaces={one,two},admission.webhook.enabled=true']);
    const rules = objects
      .filter((object) => valueAt(object, 'kind') === 'ClusterRole')
      .flatMap((object) => valueAt(object, 'rules'));
    assert.deepEqual(rules, [
      {
        apiGroups: ['admissionregistration.k8s.io'],
        resources: ['validatingwebhookconfigurations'],
        resourceNames: [`quorate-operator.${RELEASE_NAMESPACE}`],
        verbs: ['patch'],
      },
    ]);
  });

  it('gives rights in the operator’s own namespace by name, but for `create`, which can have none', async () => {
    const objects = await render(['--set', 'admission.webhook.enabled=true']);
    const rules = objects
      .filter(
        (object) =>
          valueAt(object, 'kind') === 'Role' && valueAt(object, 'metadata.namespace') === RELEASE_NAMESPACE,
      )
      .flatMap((object) => valueAt(object, 'rules'));
    const unnamed = rules.filter((rule) => valueAt(rule, 'resourceNames') === undefined);
    assert.ok(rules.length > unnamed.length);
    assert.deepEqual(
      unnamed.map((rule) => [valueAt(rule, 'resources'), valueAt(rule, 'verbs')]),
      [[['leases'], ['create']]],
    );
  });

  for (const [name, options] of Object.entries(CHART_VARIANTS)) {
    it(`gives nobody all Secrets, a wildcard, or a way to more rights: ${name}`, async () => {
      assert.deepEqual(riskyRights(await render(options)), []);
    });
  }

  it('has policies where Kubernetes has them, and where it may make cluster-scoped objects', async () => {
    const kindsWith = async (...options: string[]): Promise<readonly string[]> =>
      (await render(options)).map((object) => String(valueAt(object, 'kind')));
    const count = (kinds: readonly string[]): number =>
      kinds.filter((kind) => kind.startsWith('ValidatingAdmissionPolicy')).length;
    assert.equal(count(await kindsWith()), 4);
    assert.equal(count(await kindsWith('--kube-version', 'v1.29.9')), 0);
    assert.equal(count(await kindsWith('--set', 'namespaces={one}')), 0);
    assert.equal(count(await kindsWith('--set', 'admission.policy.enabled=false')), 0);
  });

  it('lets the webhook set itself up with the rights it gives, and no others', async (t) => {
    for (const object of await render(['--set', 'admission.webhook.enabled=true'])) {
      await assertApplied(object);
    }
    const { url: origin, token, ca } = server.origin;
    const who = `system:serviceaccount:${RELEASE_NAMESPACE}:quorate-operator`;
    const headers = { authorization: `Bearer ${token}`, 'impersonate-user': who };
    const read = async () => ({ headers, tls: { ca } });
    const transport = createHttpTransport({ server: origin, namespace: undefined, read });
    t.after(() => transport.close());
    const { logger, lines } = captureLog();
    const target = { kind: 'service', name: 'quorate-operator-webhook' } as const;
    const webhook = await openWebhook(
      {
        address: { host: '127.0.0.1', port: 0 },
        target,
        namespace: RELEASE_NAMESPACE,
        name: 'quorate-operator',
      },
      {
        api: createHttpObjectApi({ transport, fieldManager: 'quorate' }),
        namespaces: undefined,
        logger,
        onOutcome: () => {},
      },
    );
    t.after(() => webhook.server.close());
    const stopping = new AbortController();
    const running = webhook.run(AbortSignal.any([t.signal, stopping.signal]));
    const list = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations';
    const known = await api.until(
      list,
      (object) => valueAt(object, 'webhooks.0.clientConfig.caBundle') !== undefined,
      AbortSignal.timeout(SET_UP_MS_MAX),
    );
    stopping.abort();
    await running;
    assert.equal(valueAt(known, 'metadata.name'), `quorate-operator.${RELEASE_NAMESPACE}`);
    assert.deepEqual(
      lines.map(({ msg }) => msg).filter((msg) => /cannot/.test(String(msg))),
      [],
    );
    await api.send('DELETE', `${list}/quorate-operator.${RELEASE_NAMESPACE}`);
  });

  it('lets the operator reach agents, the API server and names, and be scraped and reviewed, and nothing else', async () => {
    const objects = await render(['--set', 'networkPolicy.enabled=true,admission.webhook.enabled=true']);
    const policies = objects.filter((object) => valueAt(object, 'kind') === 'NetworkPolicy');
    const template = valueAt(
      objects.find((object) => valueAt(object, 'kind') === 'Deployment'),
      'spec.template',
    );
    const ports = Object(valueAt(template, 'spec.containers.0.ports')) as readonly unknown[];
    const operator: NetworkPod = {
      namespace: RELEASE_NAMESPACE,
      labels: Object(valueAt(template, 'metadata.labels')),
      portNames: Object.fromEntries(
        ports.map((port) => [String(valueAt(port, 'name')), Number(valueAt(port, 'containerPort'))]),
      ),
    };
    const other: NetworkPod = { namespace: 'one', labels: {} };
    const open = (from: NetworkPod, to: NetworkPod, candidates: readonly number[]): readonly number[] =>
      candidates.filter((port) => isLetThrough(policies, from, to, port));
    const known = [...Object.values(PORTS), 22, 53, 443, 6443];
    assert.deepEqual(open(operator, other, known), [PORTS.agent, PORTS.agentTls, 53, 443, 6443]);
    const own = Object.values(operator.portNames ?? {});
    assert.ok(own.length > 2);
    const { metrics, webhook } = operator.portNames ?? {};
    assert.deepEqual(open(other, operator, own).toSorted(), [metrics, webhook].toSorted());
  });

  it('refuses values that nobody knows, and those that make no sense', async () => {
    for (const [option, complaint] of [
      ['replica=3', /replica/],
      ['replicas=-1', /replicas/],
      ['namespaces={Not A Name}', /namespaces/],
      ['image.pullPolicy=Sometimes', /pullPolicy/],
      ['admission.limits.max-sise=3', /max-sise/],
    ] as const) {
      await assert.rejects(renderTemplates(ROOT, helm, ['--set', option]), complaint, option);
    }
  });

  it('keeps the selector of its Deployment whatever is set, since that cannot change', async () => {
    const selectors = await Promise.all(
      Object.values(CHART_VARIANTS).map(async (options) => {
        const deployment = (await render(options)).find((object) => valueAt(object, 'kind') === 'Deployment');
        return valueAt(deployment, 'spec.selector');
      }),
    );
    assert.equal(new Set(selectors.map((each) => JSON.stringify(each))).size, 1);
  });
});

describe('a sample', () => {
  for (const path of globSync('manifests/samples/*.yaml', { cwd: ROOT }).toSorted()) {
    it(`is accepted without a warning: ${path}`, async () => {
      for (const document of parseAllDocuments(readFileSync(join(ROOT, path), 'utf8'))) {
        const object: unknown = document.toJS();
        const kind = String(valueAt(object, 'kind'));
        assert.ok(kind in PLURALS, kind);
        const query = '?fieldValidation=Strict';
        const answer = await api.send('POST', `${collectionOf(object)}${query}`, object);
        assert.equal(answer.status, 201, messageOf(answer));
        assert.deepEqual(answer.warnings, []);
      }
    });
  }
});

async function assertApplied(object: unknown): Promise<void> {
  const answer = await applyManifest(api, object);
  const name = `${valueAt(object, 'kind')} ${valueAt(object, 'metadata.name')}`;
  assert.ok([200, 201].includes(answer.status), `${name}: ${messageOf(answer)}`);
  assert.deepEqual(answer.warnings, [], name);
}
