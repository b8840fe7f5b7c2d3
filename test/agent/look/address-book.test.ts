import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { createAddressBook } from '../../../src/agent/look/address-book.ts';
import type { Resolver } from '../../../src/dns/resolver.ts';
import { aFakeResolver } from '../../support/fake-resolver.ts';

const OWN = { host: 'demo-2', address: '127.80.0.12' };

type Looked = { readonly error: unknown; readonly found: unknown };

function lookUp(t: TestContext, resolver: Resolver, all: boolean, host = 'demo-0'): Promise<Looked> {
  const { promise, resolve } = Promise.withResolvers<Looked>();
  createAddressBook(resolver, OWN, t.signal).lookup(host, { all }, (error, found) =>
    resolve({ error, found }),
  );
  return promise;
}

describe('an address book', () => {
  const resolver = aFakeResolver({ 'demo-0': ['127.80.0.10', '127.80.0.20'] });

  it('gives the first address of a name', async (t) => {
    const book = createAddressBook(resolver, OWN, t.signal);
    assert.equal(await book.addressOf('demo-0', t.signal), '127.80.0.10');
    assert.equal(await book.addressOf('demo-9', t.signal), undefined);
  });

  it('answers sockets in both of their forms', async (t) => {
    assert.deepEqual(await lookUp(t, resolver, false), { error: null, found: '127.80.0.10' });
    assert.deepEqual(await lookUp(t, resolver, true), {
      error: null,
      found: [{ address: '127.80.0.10', family: 4 }],
    });
  });

  it('dials the own name without DNS, and yet knows what DNS says of it', async (t) => {
    const silent = aFakeResolver({});
    assert.deepEqual(await lookUp(t, silent, false, 'demo-2'), { error: null, found: '127.80.0.12' });
    assert.equal(await createAddressBook(silent, OWN, t.signal).addressOf('demo-2', t.signal), undefined);
  });

  it('tells sockets that a name has no address in the words of Node', async (t) => {
    const { error } = await lookUp(t, aFakeResolver({}), true);
    assert.ok(error instanceof Error && 'code' in error);
    assert.equal(error.code, 'ENOTFOUND');
    assert.match(error.message, /demo-0 has no address/);
  });

  it('hands on what a broken resolver throws', async (t) => {
    const broken: Resolver = { ...resolver, addressesOf: () => Promise.reject('broken') };
    const { error } = await lookUp(t, broken, false);
    assert.ok(error instanceof Error);
    assert.equal(error.message, 'broken');
    const worse: Resolver = { ...resolver, addressesOf: () => Promise.reject(new Error('worse')) };
    assert.deepEqual((await lookUp(t, worse, false)).error, new Error('worse'));
  });
});
