/** The chart without Helm: what is generated is up to date, and what it says of the program is so. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { parse } from 'yaml';
import { ADMISSION_FILE, INSTALL_FILE, sourcesHash } from '../../scripts/chart/render-install.ts';
import { type ChartEntry, readValuesSchema, valuesIn } from '../../scripts/chart/values-schema.ts';
import { valuesTable, valuesText } from '../../scripts/chart/values-text.ts';
import { CHART, renderChart } from '../../scripts/generate-chart.ts';
import { operatorCommand } from '../../src/cli/operator-command.ts';
import { IMAGE_NODE, IMAGE_PROGRAM } from '../../src/resources/paths.ts';
import { PORTS } from '../../src/resources/ports.ts';
import { FRUGAL_ENVIRONMENT, frugalNodeFlagsFor } from '../../src/runtime/frugal-process.ts';
import { LOG_LEVELS } from '../../src/runtime/log-level.ts';
import { valueAt } from '../support/real-api-server-client.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const textOf = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const template = (name: string): string => textOf(`${CHART}/templates/${name}`);
const SCHEMA_TEXT = textOf(`${CHART}/values.schema.json`);
const SCHEMA: unknown = JSON.parse(SCHEMA_TEXT);
const schemaAt = (path: string): unknown => valueAt(SCHEMA, `properties.${path}`);

describe('what is generated of the chart', () => {
  for (const [path, text] of renderChart(ROOT)) {
    it(`is what ${path} says (otherwise run \`make manifests\`)`, () => {
      assert.equal(textOf(path), text);
    });
  }

  for (const file of [INSTALL_FILE, ADMISSION_FILE]) {
    it(`is what ${file} was made of (otherwise run \`make manifests\`)`, () => {
      assert.equal(/sha256:([0-9a-f]{64})/.exec(textOf(file))?.[1], sourcesHash(ROOT));
    });
  }

  it('asks no Kubernetes for what it does not have: policies, since 1.30, are in a file of their own', () => {
    assert.doesNotMatch(textOf(INSTALL_FILE), /^kind: ValidatingAdmission/m);
    const kinds = [...textOf(ADMISSION_FILE).matchAll(/^kind: (\w+)$/gm)].map(([, kind]) => kind);
    assert.deepEqual([...new Set(kinds)], ['ValidatingAdmissionPolicy', 'ValidatingAdmissionPolicyBinding']);
  });

  it('has the version of the package, as has the image', () => {
    const { version } = JSON.parse(textOf('package.json'));
    const { version: chart, appVersion } = parse(textOf(`${CHART}/Chart.yaml`));
    assert.deepEqual([chart, appVersion], [version, version]);
    assert.ok(textOf(INSTALL_FILE).includes(`image: quorate:${version}\n`));
  });
});

describe('the values', () => {
  it('are documented one by one, and their defaults are what values.yaml says', () => {
    const entries = readValuesSchema(SCHEMA_TEXT);
    const values: unknown = parse(textOf(`${CHART}/values.yaml`));
    for (const { path, default: expected, description } of valuesIn(entries)) {
      assert.deepEqual(valueAt(values, path.join('.')), expected, path.join('.'));
      assert.match(description, /[.;:`)]$/, path.join('.'));
    }
  });

  it('say what the program takes', () => {
    assert.deepEqual([...Object(schemaAt('logLevel.enum'))].toSorted(), [...LOG_LEVELS].toSorted());
    assert.deepEqual(schemaAt('sidecarMode.enum'), ['auto', 'native', 'ordinary']);
    assert.deepEqual(schemaAt('env.default'), FRUGAL_ENVIRONMENT);
    const frugal = new Set(frugalNodeFlagsFor(IMAGE_PROGRAM));
    assert.ok([...Object(schemaAt('nodeFlags.default'))].every((flag) => frugal.has(flag)));
  });
});

describe('a section of values', () => {
  const entries: readonly ChartEntry[] = [
    {
      path: ['image'],
      description: 'The image.',
      entries: [{ path: ['image', 'tag'], description: 'Which | one.', default: ['a', 'b'] }],
    },
  ];

  it('is written with every default below its description', () => {
    assert.match(
      valuesText(entries),
      /# The image\.\nimage:\n {2}# Which \| one\.\n {2}tag:\n {4}- a\n {4}- b\n$/,
    );
  });

  it('is a table with a row for each value', () => {
    assert.match(valuesTable(entries), /^\| `image\.tag` \| `\["a","b"\]` \| Which \\\| one\. \|$/m);
  });

  it('is refused where something is not documented or has no default', () => {
    const schemaOf = (node: unknown): string => JSON.stringify({ properties: { size: node } });
    assert.throws(() => readValuesSchema(schemaOf({ default: 3 })), /size has no description/);
    assert.throws(() => readValuesSchema(schemaOf({ description: 'How many.' })), /size has no default/);
  });
});

describe('the Deployment', () => {
  const deployment = template('deployment.yaml');

  it('starts the program of the image with flags that it knows', () => {
    assert.ok(deployment.includes(`- ${IMAGE_NODE}\n`));
    assert.ok(deployment.includes(`- ${IMAGE_PROGRAM}\n            - operator\n`));
    const known = operatorCommand().options.map(({ long }) => long);
    const given = [...deployment.matchAll(/- (--[a-z-]+)=/g)].map(([, flag]) => flag);
    assert.deepEqual(
      given.filter((flag) => !known.includes(flag ?? '')),
      [],
    );
    assert.ok(given.length >= 7);
  });

  it('sets environment variables that it reads', () => {
    const read = operatorCommand().options.flatMap(({ envVar }) => envVar ?? []);
    const set = [...deployment.matchAll(/- name: ([A-Z_]+)$/gm)].map(([, name]) => name);
    assert.deepEqual(
      set.filter((name) => !read.includes(name ?? '')),
      [],
    );
  });
});

describe('a template', () => {
  it('names the Lease that the operator takes', () => {
    const name = /--lease-name=(.+)$/m.exec(template('deployment.yaml'))?.[1];
    assert.ok(name !== undefined && template('lease-role.yaml').includes(`resourceNames: [${name}]`));
  });

  it('names the ClusterRole and the ServiceAccount by which the operator is let into a namespace’s Secrets', () => {
    const role = /--secrets-role=(.+)-secrets$/m.exec(template('deployment.yaml'))?.[1];
    assert.ok(role !== undefined);
    assert.ok(
      template('secrets-role.yaml').includes(
        `printf "%s-secrets" (${role.replaceAll(/^\{\{ | \}\}$/g, '')})`,
      ),
    );
    assert.match(
      template('deployment.yaml'),
      /POD_SERVICE_ACCOUNT\n[^-]+fieldPath: spec\.serviceAccountName/,
    );
  });

  it('lets the operator reach the agents', () => {
    assert.ok(template('network-policy.yaml').includes(`- port: ${PORTS.agent}\n`));
  });

  it('gives the operator’s Pods the labels by which NetworkPolicies of clusters know them', () => {
    const labels = /OPERATOR_LABELS = \{([^}]+)\}/.exec(textOf('src/operator/main.ts'))?.[1] ?? '';
    const expected = [...labels.matchAll(/'([^']+)': '([^']+)'/g)].map(
      ([, name, value]) => `${name}: ${value}`,
    );
    assert.ok(expected.length > 0);
    for (const label of expected) {
      assert.ok(template('_helpers.tpl').includes(label), label);
    }
  });

  it('alerts on a metric that the operator has', () => {
    const metric = /expr: (\w+)/.exec(template('prometheus-rule.yaml'))?.[1];
    assert.ok(textOf('src/operator/operator-metrics.ts').includes(`name: '${metric}'`));
  });
});
