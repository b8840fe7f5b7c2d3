import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { parse, parseAllDocuments } from 'yaml';
import { renderStandalone } from '../../scripts/generate-standalone.ts';
import { valueAt } from '../support/real-api-server-client.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const FILES = renderStandalone(ROOT);
const OBJECTS = parseAllDocuments(FILES.get('manifests/standalone/etcd.yaml') ?? '').map((each) =>
  each.toJS(),
);

describe('what stands alone', () => {
  for (const [path, text] of FILES) {
    it(`is what ${path} says (otherwise run scripts/generate-standalone.ts)`, () => {
      assert.equal(readFileSync(join(ROOT, path), 'utf8'), text);
    });
  }

  it('has no operator that owns it, and no namespace of its own', () => {
    for (const object of OBJECTS) {
      assert.equal(valueAt(object, 'metadata.ownerReferences'), undefined);
      assert.equal(valueAt(object, 'metadata.namespace'), undefined);
    }
  });

  it('never applies the record of formation, which would take back what was formed', () => {
    const names = OBJECTS.map((object) => `${object.kind} ${object.metadata.name}`);
    assert.ok(names.includes('StatefulSet etcd'));
    assert.ok(!names.includes('ConfigMap etcd-formation'));
  });

  it('makes that record of the StatefulSet’s own name and UID', () => {
    const template = FILES.get('manifests/standalone/formation.gotemplate') ?? '';
    const text = template
      .replace(/^\{\{\/\*.*?\*\/ -\}\}\s*/s, '')
      .replace(/\{\{range.*\{\{end\}\}/, '8')
      .replaceAll(/\{\{\.metadata\.([a-z]+)\}\}/g, 'the-$1');
    const { metadata, data } = parse(text);
    assert.deepEqual([metadata.name, metadata.namespace], ['the-name-formation', 'the-namespace']);
    assert.deepEqual(JSON.parse(data.record), {
      phase: 'Unformed',
      clusterUid: 'the-uid',
      generation: 1,
      maxLearners: 8,
    });
  });
});
