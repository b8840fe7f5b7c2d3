import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  addressBlockOf,
  blockToTry,
  MEMBER_PORTS,
  namesOf,
  PORTS,
  podAddressOf,
  serviceAddressOf,
} from '../../src/local/cluster-layout.ts';
import { hostOf, ORDINAL_MAX, ordinalOfPeerUrl, peerUrlOf } from '../../src/model/naming.ts';

const seeds = fc.nat({ max: 2 ** 32 - 1 });

describe('addresses of local clusters', () => {
  it('are equal for equal seeds, and differ from try to try', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const blocks = Array.from({ length: 100 }, (_, attempt) => blockToTry(seed, attempt));
        assert.equal(new Set(blocks).size, blocks.length);
        assert.equal(blockToTry(seed, 7), blocks[7]);
      }),
    );
  });

  it('are written so that they are read again', () => {
    fc.assert(
      fc.property(seeds, (seed) => assert.equal(addressBlockOf(blockToTry(seed, 0)), blockToTry(seed, 0))),
    );
    for (const text of ['127.0.0', '127.64', '127.64.256', '10.64.1', '127.64.01', '127.64.1.2', '']) {
      assert.equal(addressBlockOf(text), undefined);
    }
  });

  it('are those that the host template gives, apart for all ordinals and services', () => {
    const block = blockToTry(1, 0);
    const names = namesOf('demo', 'default', block);
    const ordinals = Array.from({ length: ORDINAL_MAX + 1 }, (_, ordinal) => ordinal);
    assert.deepEqual(
      ordinals.map((ordinal) => hostOf(names, ordinal)),
      ordinals.map((ordinal) => podAddressOf(block, ordinal)),
    );
    assert.deepEqual(
      ordinals.map((ordinal) => ordinalOfPeerUrl(names, peerUrlOf(names, ordinal))),
      ordinals,
    );
    const addresses = [serviceAddressOf(block), ...ordinals.map((ordinal) => podAddressOf(block, ordinal))];
    assert.equal(new Set(addresses).size, ORDINAL_MAX + 2);
  });

  it('use no port that Linux gives to outgoing connections', () => {
    assert.ok([...MEMBER_PORTS, PORTS.api, PORTS.dns].every((port) => port < 32_768));
  });
});
