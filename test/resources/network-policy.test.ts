/** Who reaches which port of a member, by the policy as it is rendered. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parseAllDocuments } from 'yaml';
import { INSTALL_FILE } from '../../scripts/chart/render-install.ts';
import type { Blueprint } from '../../src/resources/blueprint.ts';
import { networkPolicy } from '../../src/resources/network-policy.ts';
import { podTemplate } from '../../src/resources/pod-template.ts';
import { PORTS } from '../../src/resources/ports.ts';
import { isLetThrough, type NetworkPod } from '../support/network-verdict.ts';
import { valueAt } from '../support/real-api-server-client.ts';
import { aBlueprint, TLS } from './a-blueprint.ts';

const OPERATOR = 'quorate-system';
const SPEC = { security: { networkPolicy: true } };
const SETTINGS = {
  operator: {
    namespace: OPERATOR,
    labels: { 'app.kubernetes.io/name': 'quorate', 'app.kubernetes.io/component': 'operator' },
  },
};

function memberOf(blueprint: Blueprint): NetworkPod {
  return { namespace: blueprint.namespace ?? '', labels: podTemplate(blueprint).metadata.labels };
}

/** As the chart renders its Pods. */
function operatorPod(): NetworkPod {
  const text = readFileSync(join(import.meta.dirname, '..', '..', INSTALL_FILE), 'utf8');
  const deployment = parseAllDocuments(text)
    .map((each): unknown => each.toJS())
    .find((each) => valueAt(each, 'kind') === 'Deployment');
  return { namespace: OPERATOR, labels: Object(valueAt(deployment, 'spec.template.metadata.labels')) };
}

const PLAIN = aBlueprint(SPEC, SETTINGS);
const MEMBER = memberOf(PLAIN);
const PODS = {
  'another member': memberOf(aBlueprint({ ...SPEC, version: '3.7.3' }, SETTINGS)),
  'the operator': operatorPod(),
  'a member of another cluster': memberOf(aBlueprint(SPEC, SETTINGS, { name: 'other' })),
  'a member of a namesake elsewhere': memberOf(aBlueprint(SPEC, SETTINGS, { namespace: 'elsewhere' })),
  'who calls himself the operator': { ...operatorPod(), namespace: 'shop' },
  'another Pod of the operator’s namespace': { namespace: OPERATOR, labels: {} },
  'a Pod of the cluster that is no member': {
    ...MEMBER,
    labels: { ...MEMBER.labels, 'app.kubernetes.io/component': 'backup' },
  },
  'anybody else': { namespace: 'shop', labels: { app: 'shop' } },
} as const satisfies Readonly<Record<string, NetworkPod>>;

type Who = keyof typeof PODS;

const EVERYBODY = [PORTS.client, PORTS.metrics];
const AGENTS = [PORTS.agent, PORTS.agentTls];
/** With TLS. Without, nobody listens on the last port, and nobody is let in. */
const REACHED: Readonly<Record<Who, readonly number[]>> = {
  'another member': [...EVERYBODY, PORTS.peer, ...AGENTS],
  'the operator': [...EVERYBODY, ...AGENTS],
  'a member of another cluster': EVERYBODY,
  'a member of a namesake elsewhere': EVERYBODY,
  'who calls himself the operator': EVERYBODY,
  'another Pod of the operator’s namespace': EVERYBODY,
  'a Pod of the cluster that is no member': EVERYBODY,
  'anybody else': EVERYBODY,
};

/** Every port of a member, and one that none has. */
const ALL_PORTS = [...Object.values(PORTS), 22];

function reachedBy(who: NetworkPod, blueprint: Blueprint): readonly number[] {
  const policy = networkPolicy(blueprint);
  return ALL_PORTS.filter((port) => isLetThrough([policy], who, memberOf(blueprint), port));
}

const sorted = (ports: readonly number[]): readonly number[] => ports.toSorted();

describe('the NetworkPolicy of a cluster', () => {
  for (const who of Object.keys(PODS) as Who[]) {
    it(`lets ${who} reach ${sorted(REACHED[who]).join(', ')} and no other port`, () => {
      assert.deepEqual(
        sorted(reachedBy(PODS[who], aBlueprint(SPEC, SETTINGS, {}, TLS))),
        sorted(REACHED[who]),
      );
      assert.deepEqual(
        sorted(reachedBy(PODS[who], PLAIN)),
        sorted(REACHED[who].filter((port) => port !== PORTS.agentTls)),
      );
    });
  }

  it('lets members alone reach agents where nobody knows from where the operator comes', () => {
    const blueprint = aBlueprint(SPEC, { operator: undefined }, {}, TLS);
    assert.deepEqual(sorted(reachedBy(PODS['the operator'], blueprint)), sorted(EVERYBODY));
    assert.deepEqual(sorted(reachedBy(PODS['another member'], blueprint)), sorted(REACHED['another member']));
  });

  it('lets nobody reach peers and agents by labels that anybody may give, but by those of a member', () => {
    const label = fc.stringMatching(/^[a-z]{1,5}(\.io\/[a-z]{1,5})?$/);
    const known = fc.constantFrom(...Object.keys(MEMBER.labels));
    const value = fc.oneof(label, fc.constantFrom(...Object.values(MEMBER.labels)));
    const labels = fc.dictionary(fc.oneof(label, known), value, { maxKeys: 6, noNullPrototype: true });
    const namespace = fc.constantFrom('shop', 'elsewhere', OPERATOR);
    const { matchLabels } = networkPolicy(PLAIN).spec.podSelector;
    fc.assert(
      fc.property(namespace, labels, (place, given) => {
        const isMember =
          place === 'shop' && Object.entries(matchLabels).every(([name, wanted]) => given[name] === wanted);
        const reached = reachedBy({ namespace: place, labels: given }, PLAIN);
        assert.deepEqual(
          sorted(reached),
          sorted(isMember ? [...EVERYBODY, PORTS.peer, PORTS.agent] : EVERYBODY),
        );
      }),
    );
  });

  it('is about members of its own cluster alone', () => {
    const policy = networkPolicy(PLAIN);
    for (const other of [
      'a member of another cluster',
      'a member of a namesake elsewhere',
      'anybody else',
    ] as const) {
      assert.ok(isLetThrough([policy], PODS['anybody else'], PODS[other], PORTS.peer), other);
    }
  });
});
