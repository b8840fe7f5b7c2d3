import assert from 'node:assert/strict';
import { it } from 'node:test';
import { decode, encode } from 'dns-packet';
import fc from 'fast-check';
import { canonicalName } from '../../src/dns/canonical-name.ts';

it('spells a name in lower case, without the dot at its end', () => {
  assert.equal(canonicalName('Demo-0.Peer.svc.'), 'demo-0.peer.svc');
  assert.equal(canonicalName('_peer._tcp.demo'), '_peer._tcp.demo');
  assert.equal(canonicalName('a'.repeat(63)), 'a'.repeat(63));
});

it('refuses what is no name', () => {
  const longest = `${'a'.repeat(62)}.`.repeat(4); // 252 characters
  assert.equal(canonicalName(`${longest}a`)?.length, 253);
  for (const text of [
    '',
    '.',
    '..',
    '.a',
    'a..b',
    'a..',
    'a b',
    'ä',
    'a\n',
    '*.a',
    'a'.repeat(64),
    `${longest}aa`,
  ]) {
    assert.equal(canonicalName(text), undefined, JSON.stringify(text));
  }
});

it('lets only through what survives the way over the wire', () => {
  const text = fc.oneof(fc.string({ unit: 'binary' }), fc.stringMatching(/^[a-zA-Z0-9_.-]*$/), fc.domain());
  const property = fc.property(text, (any) => {
    const name = canonicalName(any);
    if (name !== undefined) {
      assert.equal(decode(encode({ questions: [{ type: 'A', name }] })).questions?.[0]?.name, name);
    }
  });
  fc.assert(property, { numRuns: 500 });
});
