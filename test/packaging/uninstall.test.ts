import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Kubectl, uninstall } from '../../scripts/cluster/uninstall.ts';

const MANIFESTS = { operator: 'all.yaml', admission: 'policies.yaml' };

type Answers = {
  readonly defined?: string;
  readonly clusters?: string;
  readonly failing?: string;
  readonly policies?: string;
};

/** A kubectl that answers as told, and what it was asked: the first two words of each command. */
function someKubectl(answers: Answers): {
  readonly kubectl: Kubectl;
  readonly asked: string[];
  readonly files: string[];
} {
  const asked: string[] = [];
  const files: string[] = [];
  const kubectl: Kubectl = (args) => {
    const words = args.slice(0, 2).join(' ').replace(/ --.*/, '');
    asked.push(words);
    files.push(...args.flatMap((arg) => /^--filename=(.+)$/.exec(arg)?.[1] ?? []));
    if (words === answers.failing) {
      return { ok: false, complaint: 'connection refused' };
    }
    const outputs: Readonly<Record<string, string | undefined>> = {
      'get customresourcedefinition/etcdclusters.etcd.etcd.io': answers.defined,
      'get etcdclusters': answers.clusters,
      'api-resources': answers.policies,
    };
    return { ok: true, output: outputs[words] ?? '' };
  };
  return { kubectl, asked, files };
}

const DEFINED = 'customresourcedefinition.apiextensions.k8s.io/etcdclusters.etcd.etcd.io\n';
const GET_DEFINITION = 'get customresourcedefinition/etcdclusters.etcd.etcd.io';

describe('uninstalling', () => {
  it('refuses while there are etcd clusters, and names them', () => {
    const { kubectl, asked } = someKubectl({ defined: DEFINED, clusters: 'shop/a\nshop/b\n' });
    const result = uninstall(kubectl, MANIFESTS, false);
    assert.match(result.kind === 'refused' ? result.why : '', /shop\/a, shop\/b.*FORCE=1/);
    assert.deepEqual(asked, [GET_DEFINITION, 'get etcdclusters']);
  });

  it('deletes the etcd clusters before their operator when it is forced', () => {
    const { kubectl, asked } = someKubectl({ defined: DEFINED, clusters: 'shop/a\n' });
    assert.deepEqual(uninstall(kubectl, MANIFESTS, true), { kind: 'done' });
    assert.deepEqual(asked, [
      GET_DEFINITION,
      'get etcdclusters',
      'delete etcdclusters',
      'api-resources',
      'delete',
    ]);
  });

  it('leaves the operator where etcd clusters are not gone in time', () => {
    const { kubectl, asked } = someKubectl({
      defined: DEFINED,
      clusters: 'shop/a\n',
      failing: 'delete etcdclusters',
    });
    assert.equal(uninstall(kubectl, MANIFESTS, true).kind, 'refused');
    assert.ok(!asked.includes('delete'));
  });

  it('deletes everything where there is no etcd cluster, or no definition', () => {
    for (const answers of [{ defined: DEFINED, clusters: '' }, {}]) {
      const { kubectl, asked } = someKubectl(answers);
      assert.deepEqual(uninstall(kubectl, MANIFESTS, false), { kind: 'done' });
      assert.equal(asked.at(-1), 'delete');
    }
  });

  it('names policies only to a Kubernetes that knows what they are', () => {
    const old = someKubectl({ policies: 'mutatingwebhookconfigurations.admissionregistration.k8s.io\n' });
    uninstall(old.kubectl, MANIFESTS, false);
    assert.deepEqual(old.files, ['all.yaml']);
    const young = someKubectl({
      policies: 'a.b\nvalidatingadmissionpolicies.admissionregistration.k8s.io\n',
    });
    uninstall(young.kubectl, MANIFESTS, false);
    assert.deepEqual(young.files, ['policies.yaml', 'all.yaml']);
  });

  it('deletes nothing where the API server does not say whether there are any', () => {
    for (const failing of [GET_DEFINITION, 'get etcdclusters', 'api-resources']) {
      const { kubectl, asked } = someKubectl({ defined: DEFINED, failing });
      const result = uninstall(kubectl, MANIFESTS, false);
      assert.match(result.kind === 'refused' ? result.why : '', /unknown: connection refused/);
      assert.ok(asked.every((words) => !words.startsWith('delete')));
    }
  });
});
