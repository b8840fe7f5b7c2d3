import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { claimLoopbackAddresses } from './loopback-address.ts';

test('gives every claim addresses of its own', async () => {
  const claims = await Promise.all(Array.from({ length: 50 }, () => claimLoopbackAddresses()));
  assert.equal(new Set(claims.map(({ prefix }) => prefix)).size, claims.length);
  await Promise.all(claims.map((claim) => claim[Symbol.asyncDispose]()));
});

test('gives addresses one can listen on, spelled as a host template', async () => {
  await using addresses = await claimLoopbackAddresses();
  assert.equal(addresses.of(3), `${addresses.prefix}13`);
  const server = createServer().listen(2379, addresses.of(3));
  await once(server, 'listening');
  server.close();
});
