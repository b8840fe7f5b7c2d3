/** Our kinds on a real API server: installed, filled with defaults, pruned, judged. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { parse, parseAllDocuments } from 'yaml';
import { type RealApiClient, valueAt } from '../support/real-api-server-client.ts';
import {
  conditionOf,
  type ServerWithKinds,
  START_TIMEOUT_MS,
  startServerWithKinds,
} from '../support/real-api-server-kinds.ts';
import { ACCEPTED } from './accepted-manifests.ts';
import { API, anObject, collectionOf, create, messageOf, PLURALS, pathOf } from './own-objects.ts';

const MANIFESTS = join(import.meta.dirname, 'manifests');

let server: ServerWithKinds;
let api: RealApiClient;
before(
  async () => {
    server = await startServerWithKinds(['default', 'default-etcd', 'here']);
    api = server.client;
  },
  { timeout: START_TIMEOUT_MS },
);
after(() => server[Symbol.asyncDispose]());

describe('the definitions', () => {
  it('are established and structural', () => {
    assert.equal(server.definitions.length, 3);
    for (const definition of server.definitions) {
      assert.equal(conditionOf(definition, 'NamesAccepted'), 'True');
      assert.notEqual(conditionOf(definition, 'NonStructuralSchema'), 'True');
    }
  });

  it('answer to their short names', async () => {
    const { body } = await api.send('GET', API);
    const found = valueAt(body, 'resources');
    assert.ok(Array.isArray(found));
    const names = found.flatMap((each) => valueAt(each, 'shortNames') ?? []);
    assert.deepEqual(names.toSorted(), ['etcd', 'etcdbackup', 'etcdrestore']);
  });
});

describe('a manifest from elsewhere', () => {
  it('has an expectation for each file', () => {
    assert.deepEqual(readdirSync(MANIFESTS).toSorted(), Object.keys(ACCEPTED).toSorted());
  });

  for (const [file, expected] of Object.entries(ACCEPTED)) {
    it(`is accepted and means what it says: ${file}`, async () => {
      const documents = parseAllDocuments(readFileSync(join(MANIFESTS, file), 'utf8'));
      assert.equal(documents.length, expected.length);
      for (const [index, document] of documents.entries()) {
        const { status, body } = await api.send('POST', collectionOf(document.toJS()), String(document));
        assert.equal(status, 201, String(valueAt(body, 'message')));
        const back = (await api.send('GET', pathOf(body))).body;
        for (const [path, value] of Object.entries(expected[index] ?? {})) {
          assert.deepEqual(valueAt(back, path), value, path);
        }
      }
    });
  }

  it('is told of a field that is pruned', async () => {
    const text = readFileSync(join(MANIFESTS, 'cluster-with-an-unknown-field.yaml'), 'utf8');
    const object = parse(text.replace('namespace: default', 'namespace: here'));
    const lax = await create(api, object, '?dryRun=All&fieldValidation=Warn');
    assert.equal(lax.status, 201);
    assert.match(lax.warnings.join(), /unknown field \\"spec\.storage\.cleanupPolicy\\"/);
    const strict = await create(api, object, '?dryRun=All&fieldValidation=Strict');
    assert.match(messageOf(strict), /unknown field "spec\.storage\.cleanupPolicy"/);
  });
});

describe('a field', () => {
  for (const [title, spec, message] of [
    ['a size below 0', { size: -1 }, /spec\.size.* greater than or equal to 0/],
    ['a size above 9', { size: 101 }, /spec\.size.* less than or equal to 9/],
    ['an even size', { size: 4 }, /size must be odd .* use the next odd number/],
    ['a size that is no number', { size: '3' }, /spec\.size.* must be of type integer/],
    ['an empty version', { version: '' }, /spec\.version.* should match/],
    ['a version without a patch', { version: '3.5' }, /spec\.version.* should match/],
    ['an old version', { version: 'v3.4.23' }, /version must be 3\.5, 3\.6 or 3\.7/],
    ['a repository with a blank', { repository: 'a b' }, /spec\.repository.* should match/],
    ['a quantity that is none', { storage: { size: '1GB' } }, /spec\.storage\.size/],
    ['a medium that is none', { storage: { medium: 'Disk' } }, /spec\.storage\.medium.*supported values/],
    ['a label that is none', { podTemplate: { metadata: { labels: { a: '!' } } } }, /labels\.a/],
    [
      'two variables of one name',
      { podTemplate: { env: [{ name: 'A' }, { name: 'A' }] } },
      /Duplicate value/,
    ],
    ['a cron line of four fields', { maintenance: { defrag: { schedule: '0 2 * *' } } }, /schedule/],
    ['a recovery to the first generation', { recovery: { generation: 1, from: 'Survivor' } }, /generation/],
  ] as const) {
    it(`is refused: ${title}`, async () => {
      const answer = await create(
        api,
        anObject('EtcdCluster', { metadata: { name: 'demo' }, spec }),
        '?dryRun=All',
      );
      assert.equal(answer.status, 422);
      assert.match(messageOf(answer), message);
    });
  }

  it('has its default although nobody wrote a spec', async () => {
    const bare = { apiVersion: 'etcd.etcd.io/v1alpha1', kind: 'EtcdCluster', metadata: { name: 'bare' } };
    const made = await create(api, bare, '?dryRun=All');
    const spec = { size: 3, version: 'v3.6.16', repository: 'quay.io/coreos/etcd', pause: false };
    assert.deepEqual(valueAt(made.body, 'spec'), spec);
  });

  it('inside an empty section has its default, and no other section appears', async () => {
    const empty = {
      storage: {},
      security: { tls: {}, auth: {} },
      podTemplate: {},
      clientService: {},
      maintenance: { defrag: {} },
    };
    const object = anObject('EtcdCluster', { metadata: { name: 'sections' }, spec: empty });
    const { size, version, repository, pause, ...sections } = Object(
      valueAt((await create(api, object, '?dryRun=All')).body, 'spec'),
    );
    assert.deepEqual([size, version, repository, pause], [3, 'v3.6.16', 'quay.io/coreos/etcd', false]);
    assert.deepEqual(sections, {
      storage: { medium: 'Persistent' },
      security: { tls: { enabled: true, autoRotate: true }, auth: { enabled: false }, networkPolicy: false },
      podTemplate: { terminationGracePeriodSeconds: 60 },
      clientService: { type: 'ClusterIP' },
      maintenance: { defrag: { freeRatio: 0.3 } },
    });
  });

  it('of Kubernetes is passed through as it is', async () => {
    const affinity = { podAntiAffinity: { anything: [{ weight: 1 }] } };
    const env = [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }];
    const podTemplate = { affinity, tolerations: [{ operator: 'Exists' }], env };
    const object = anObject('EtcdCluster', { metadata: { name: 'passed' }, spec: { podTemplate } });
    const { body } = await create(api, object, '?dryRun=All');
    assert.deepEqual(valueAt(body, 'spec.podTemplate'), {
      ...podTemplate,
      terminationGracePeriodSeconds: 60,
    });
  });
});

describe('a subresource', () => {
  const path = `${API}/namespaces/here/etcdclusters/scaled`;
  const metadata = { name: 'scaled', namespace: 'here' };
  before(() => create(api, anObject('EtcdCluster', { metadata, spec: {} })));

  it('status is written apart from the spec', async () => {
    const { body } = await api.send('GET', path);
    const status = {
      phase: 'Running',
      readyReplicas: 3,
      selector: 'app.kubernetes.io/instance=scaled',
      members: [
        { name: 'scaled-0', id: '8e9e05c52164694d', role: 'Leader', raftIndex: '18446744073709551615' },
      ],
    };
    const both = { ...Object(body), spec: { size: 5 }, status };
    assert.equal((await api.send('PUT', path, both)).status, 200);
    const bySpec = (await api.send('GET', path)).body;
    assert.deepEqual([valueAt(bySpec, 'spec.size'), valueAt(bySpec, 'status')], [5, undefined]);

    await api.send('PUT', `${path}/status`, { ...Object(bySpec), spec: { size: 7 }, status });
    const byStatus = (await api.send('GET', path)).body;
    assert.equal(valueAt(byStatus, 'spec.size'), 5);
    assert.deepEqual(valueAt(byStatus, 'status'), status);
  });

  it('status refuses a phase nobody knows', async () => {
    const contentType = 'application/merge-patch+json';
    const patch = { status: { phase: 'Sleeping' } };
    const answer = await api.send('PATCH', `${path}/status`, patch, { contentType });
    assert.match(messageOf(answer), /status\.phase.*supported values/);
  });

  it('scale reads and writes the size, as kubectl scale does', async () => {
    const { body } = await api.send('GET', `${path}/scale`);
    assert.equal(valueAt(body, 'spec.replicas'), 5);
    assert.deepEqual(valueAt(body, 'status'), {
      replicas: 3,
      selector: 'app.kubernetes.io/instance=scaled',
    });
    const scaled = await api.send('PUT', `${path}/scale`, { ...Object(body), spec: { replicas: 1 } });
    assert.equal(scaled.status, 200);
    assert.equal(valueAt((await api.send('GET', path)).body, 'spec.size'), 1);
  });

  it('scale refuses an even size with the same words', async () => {
    const { body } = await api.send('GET', `${path}/scale`);
    const answer = await api.send('PUT', `${path}/scale`, { ...Object(body), spec: { replicas: 2 } });
    assert.match(messageOf(answer), /size must be odd/);
  });
});

describe('the columns', () => {
  it('are those of the API, the wide ones last', async () => {
    const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io';
    const names = await Promise.all(
      Object.values(PLURALS).map(async (plural) => {
        const answer = await api.send('GET', `${API}/${plural}`, undefined, { accept });
        const columns = valueAt(answer.body, 'columnDefinitions');
        assert.ok(Array.isArray(columns));
        return columns.map(
          (column) => `${valueAt(column, 'name')}${valueAt(column, 'priority') === 1 ? '+' : ''}`,
        );
      }),
    );
    assert.deepEqual(names, [
      ['Name', 'Phase', 'Size', 'Ready', 'Leader', 'Version', 'Age', 'Endpoints+', 'Message+'],
      ['Name', 'Phase', 'Cluster', 'Storage', 'Size', 'Age', 'Revision+', 'Path+'],
      ['Name', 'Phase', 'Backup', 'Cluster', 'Type', 'Age', 'Revision+'],
    ]);
  });
});
