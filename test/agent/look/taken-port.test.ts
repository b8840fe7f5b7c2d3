import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { describe, it } from 'node:test';
import { takenPort } from '../../../src/agent/look/taken-port.ts';
import { claimLoopbackAddresses } from '../../support/loopback-address.ts';

describe('a taken port', () => {
  it('is named with its address, and is none once it is free', async (t) => {
    const addresses = await claimLoopbackAddresses();
    t.after(() => addresses[Symbol.asyncDispose]());
    const host = addresses.of(0);
    const occupant = createServer().listen({ host, port: 2380 });
    await once(occupant, 'listening');
    assert.equal(await takenPort(host, [2379, 2380, 2381]), `${host}:2380`);
    occupant.close();
    await once(occupant, 'close');
    assert.equal(await takenPort(host, [2379, 2380, 2381]), undefined);
  });

  it('is not one that this process may not use for another reason', async () => {
    assert.equal(await takenPort('203.0.113.1', [2380]), undefined);
  });
});
