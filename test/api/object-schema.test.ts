import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ETCD_BACKUP_SCHEMA } from '../../src/api/etcd-backup-schema.ts';
import { ETCD_CLUSTER_SCHEMA } from '../../src/api/etcd-cluster-schema.ts';
import { ETCD_RESTORE_SCHEMA } from '../../src/api/etcd-restore-schema.ts';
import type { KindName } from '../../src/api/kind-rules.ts';
import { fittingFields, type ObjectSchema, schemaFault } from '../../src/api/object-schema.ts';
import { anyOf, installedSchema } from '../support/schema-arbitrary.ts';
import { withAnyPart } from '../support/wrong-types.ts';
import { BACKUP_CASES } from './backup-cases.ts';
import { CLUSTER_CASES } from './cluster-cases.ts';
import { RESTORE_CASES } from './restore-cases.ts';
import { TYPE_CASES } from './type-cases.ts';

const SCHEMAS: Readonly<Record<KindName, ObjectSchema>> = {
  EtcdCluster: ETCD_CLUSTER_SCHEMA,
  EtcdBackup: ETCD_BACKUP_SCHEMA,
  EtcdRestore: ETCD_RESTORE_SCHEMA,
};
const CASES = { EtcdCluster: CLUSTER_CASES, EtcdBackup: BACKUP_CASES, EtcdRestore: RESTORE_CASES };
const PLURALS = { EtcdCluster: 'etcdclusters', EtcdBackup: 'etcdbackups', EtcdRestore: 'etcdrestores' };
const KINDS = ['EtcdCluster', 'EtcdBackup', 'EtcdRestore'] as const;

describe('the schema of a kind', () => {
  for (const { kind, spec, field, message } of TYPE_CASES) {
    it(`of ${kind} refuses ${JSON.stringify(spec)}, and says where and why`, () => {
      assert.deepEqual(schemaFault(SCHEMAS[kind], spec, 'spec'), { field, message });
    });
  }

  for (const kind of KINDS) {
    it(`of ${kind} lets every object pass that is about rules`, () => {
      for (const { title, object } of CASES[kind]) {
        assert.equal(schemaFault(SCHEMAS[kind], object.spec, 'spec'), undefined, title);
      }
    });

    for (const part of ['spec', 'status'] as const) {
      it(`of ${kind} lets every ${part} pass that its CRD lets pass`, () => {
        const schema = installedSchema(PLURALS[kind]).properties?.[part] ?? {};
        fc.assert(
          fc.property(anyOf(schema), (value) => {
            assert.equal(schemaFault(SCHEMAS[kind], value, part), undefined);
          }),
        );
      });

      it(`of ${kind} leaves of any ${part} what fits, and tells what does not`, () => {
        const schema = installedSchema(PLURALS[kind]).properties?.[part] ?? {};
        fc.assert(
          fc.property(withAnyPart(anyOf(schema)), (value) => {
            const { fields, fault } = fittingFields(SCHEMAS[kind], part, value);
            const left = schemaFault(SCHEMAS[kind], fields, part);
            assert.ok(left === undefined || left.message === 'is missing');
            assert.ok(fault !== undefined || JSON.stringify(fields) === JSON.stringify(value));
          }),
        );
      });
    }
  }

  it('takes null for a value of no type', () => {
    assert.deepEqual(schemaFault(ETCD_CLUSTER_SCHEMA, { podTemplate: null }, 'spec'), {
      field: 'spec.podTemplate',
      message: 'must be an object, and is null',
    });
  });

  it('takes no key of a map for a field, whatever it is called', () => {
    const odd = { 'storage.size': true, 'size[]': {}, ['__proto__']: null, 'podTemplate.env[]': 1 };
    assert.equal(schemaFault(ETCD_CLUSTER_SCHEMA, odd, 'spec'), undefined);
  });

  it('does not look into what Kubernetes itself will check, however deep that is', () => {
    const affinity = JSON.parse(`{"a":${'['.repeat(50_000)}${']'.repeat(50_000)}}`);
    assert.equal(schemaFault(ETCD_CLUSTER_SCHEMA, { podTemplate: { affinity } }, 'spec'), undefined);
  });

  it('repeats no text of an object, and of a key only its beginning', () => {
    const key = 'k'.repeat(1_000);
    const fault = schemaFault(ETCD_CLUSTER_SCHEMA, { etcd: { extraArgs: { [key]: ['hunter2'] } } }, 'spec');
    assert.ok(fault !== undefined && fault.field.length < 100);
    assert.doesNotMatch(JSON.stringify(fault), /hunter2/);
  });
});
