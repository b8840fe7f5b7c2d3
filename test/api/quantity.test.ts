import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { numberOf } from '../../src/api/quantity.ts';

const unit = fc.constantFrom('n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E', 'Ki', 'Mi', 'Gi', 'Ti', 'Ei');

describe('a quantity', () => {
  for (const [quantity, number] of [
    [7, 7],
    ['7', 7],
    ['10Gi', 10 * 2 ** 30],
    ['1.5Ki', 1536],
    ['500m', 0.5],
    ['2k', 2000],
    ['1E', 1e18],
    ['1e3', 1000],
    ['1E3', 1000],
    ['-1Mi', -1048576],
    ['+.5', 0.5],
    ['1.', 1],
  ] as const) {
    it(`${quantity} is ${number}`, () => {
      assert.equal(numberOf(quantity), number);
    });
  }

  it('is nothing that Kubernetes does not take for one', () => {
    for (const text of ['', 'Gi', '1 Gi', '1gi', '10GB', '1e', '1e3Ki', '0x10', '1,5', 'NaN', '1Gi\n']) {
      assert.equal(numberOf(text), undefined, JSON.stringify(text));
    }
  });

  it('grows with its number, whatever the unit', () =>
    fc.assert(
      fc.property(fc.nat(1_000_000), unit, (count, ending) => {
        const [less, more] = [numberOf(`${count}${ending}`), numberOf(`${count + 1}${ending}`)];
        assert.ok(less !== undefined && more !== undefined && less < more);
      }),
    ));
});
