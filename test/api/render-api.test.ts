import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { parse } from 'yaml';
import { readTypes } from '../../scripts/api/read-types.ts';
import { renderApi } from '../../scripts/api/render-api.ts';
import { type Schema, schemaOf } from '../../scripts/api/schema.ts';
import { DEFAULT_ETCD_VERSION } from '../../src/model/etcd-version.ts';
import { valueAt } from '../support/real-api-server-client.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const FILES = renderApi(ROOT);
const DEFINITIONS = [...FILES].filter(([path]) => path.endsWith('.yaml'));

/** Longer ones do not fit into the annotation in which `kubectl apply` keeps what it last applied. */
const ANNOTATION_BYTES_MAX = 262_144;

describe('what is generated from src/api', () => {
  for (const [path, text] of FILES) {
    it(`stands in ${path} (otherwise run make manifests)`, () => {
      assert.equal(readFileSync(join(ROOT, path), 'utf8'), text);
    });
  }

  for (const [path, text] of DEFINITIONS) {
    it(`describes every field of ${path}`, () => {
      const bare = fieldsIn(schemaIn(text)).filter(
        ({ name, schema }) => !isOfEveryObject(name) && schema.description === undefined,
      );
      assert.deepEqual(
        bare.map(({ name }) => name),
        [],
      );
    });

    it(`lets no default of ${path} make an object that nobody asked for`, () => {
      const made = fieldsIn(schemaIn(text)).filter(({ schema }) => typeof schema.default === 'object');
      const allowed = path.endsWith('etcdclusters.yaml') ? ['spec'] : [];
      assert.deepEqual(
        made.map(({ name }) => name),
        allowed,
      );
    });

    it(`fits ${path} into an annotation`, () => {
      assert.ok(JSON.stringify(parse(text)).length < ANNOTATION_BYTES_MAX);
    });
  }

  it('has the version that the rest of the program takes for the default', () => {
    const cluster = FILES.get('manifests/crd/etcd.etcd.io_etcdclusters.yaml') ?? '';
    const spec = schemaIn(cluster).properties?.['spec'];
    assert.equal(spec?.properties?.['version']?.default, `v${DEFAULT_ETCD_VERSION}`);
  });
});

describe('a type in src/api', () => {
  const schemaFor = (text: string): Schema =>
    schemaOf(readTypes([{ path: 'it.ts', text }]), { kind: 'named', name: 'It' }, { text: '', tags: [] });

  it('becomes a schema: prose the description, tags the validation', () => {
    const text = `
      /** Counts things. */
      export interface It extends Base {
        /**
         * How many there
         * are.
         * @default 3
         * @format int32
         * @minimum 0
         */
        readonly count?: number;
        /** Which. */
        readonly sort: 'A' | 'B';
        /** @listMapKey name */
        readonly parts?: readonly Base[];
      }
      export interface Base {
        /** @assumed the first */
        readonly name?: Name;
      }
      /**
       * A name.
       * @maxLength 9
       */
      export type Name = string;`;
    const name = { type: 'string', maxLength: 9, description: 'A name. When absent: the first.' };
    assert.deepEqual(schemaFor(text), {
      description: 'Counts things.',
      type: 'object',
      required: ['sort'],
      properties: {
        name: { ...name, description: 'A name. When absent: the first.' },
        count: {
          description: 'How many there are.',
          type: 'integer',
          default: 3,
          format: 'int32',
          minimum: 0,
        },
        sort: { description: 'Which.', type: 'string', enum: ['A', 'B'] },
        parts: {
          type: 'array',
          items: { type: 'object', properties: { name } },
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-list-map-keys': ['name'],
        },
      },
    });
  });

  for (const [title, text, error] of [
    [
      'has a tag nobody knows',
      'export interface It { /** @minimun 1 */ readonly a: string }',
      /@minimun is no tag/,
    ],
    [
      'has a bound that is no number',
      'export interface It { /** @minimum x */ readonly a: number }',
      /"x" is no number/,
    ],
    ['has a field of a type nobody wrote', 'export interface It { readonly a: Other }', /Other is used/],
    [
      'has a field that is a function',
      'export interface It { readonly a: () => void }',
      /it\.ts:1: .*TSFunctionType/,
    ],
    [
      'has a field that is several things',
      'export interface It { readonly a: string | number }',
      /needs a tag/,
    ],
    ['has a field of an unknown type', 'export interface It { readonly a: unknown }', /needs a tag/],
    ['has a method', 'export interface It { a(): void }', /TSMethodSignature/],
  ] as const) {
    it(`is refused when it ${title}`, () => {
      assert.throws(() => schemaFor(text), error);
    });
  }

  it('is refused when another file has one of its name', () => {
    const source = { path: 'it.ts', text: 'export type It = string;' };
    assert.throws(() => readTypes([source, { ...source, path: 'that.ts' }]), /that\.ts: the name It/);
  });
});

function schemaIn(definition: string): Schema {
  const schema = valueAt(parse(definition), 'spec.versions.0.schema.openAPIV3Schema');
  assert.ok(typeof schema === 'object' && schema !== null);
  return schema;
}

function isOfEveryObject(name: string): boolean {
  return ['apiVersion', 'kind', 'metadata'].includes(name);
}

function fieldsIn(
  schema: Schema,
  prefix = '',
): readonly { readonly name: string; readonly schema: Schema }[] {
  const inner = [schema.items, schema.additionalProperties].flatMap((each) =>
    each === undefined ? [] : fieldsIn(each, prefix),
  );
  const own = Object.entries(schema.properties ?? {}).flatMap(([name, property]) => [
    { name: `${prefix}${name}`, schema: property },
    ...fieldsIn(property, `${prefix}${name}.`),
  ]);
  return [...own, ...inner];
}
