import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { REFUSALS, type Refusal } from '../../src/etcd/member-api.ts';
import { refusalIn } from '../../src/etcd/refusal.ts';
import { keysOf } from '../support/keys-of.ts';

/** etcd 3.5–3.7, `api/v3rpc/rpctypes/error.go`; the contract suite asks the binaries themselves. */
const WORDS: Readonly<Record<Refusal, readonly string[]>> = {
  'unhealthy-cluster': ['etcdserver: unhealthy cluster'],
  'learner-not-ready': ['etcdserver: can only promote a learner member which is in sync with leader'],
  'not-a-learner': ['etcdserver: can only promote a learner member'],
  'too-many-learners': ['etcdserver: too many learner members in cluster'],
  'already-listed': ['etcdserver: member ID already exist', 'etcdserver: Peer URLs already exists'],
  'not-found': ['etcdserver: member not found'],
  'not-enough-started': ['etcdserver: re-configuration failed due to not enough started members'],
  'not-leader': ['etcdserver: not leader'],
  'bad-transferee': ['etcdserver: bad leader transferee'],
  'learner-cannot': ['etcdserver: rpc not supported for learner'],
  'permission-denied': ['etcdserver: permission denied'],
  'not-reached': [
    '14 UNAVAILABLE: No connection established. Last error: Error: connect ECONNREFUSED 127.80.0.10:2379. Resolution note: ',
  ],
  other: ['etcdserver: user name is empty', 'etcdserver: mvcc: database space exceeded'],
};

describe('a refusal', () => {
  for (const refusal of keysOf(WORDS)) {
    for (const words of WORDS[refusal]) {
      it(`"${words}" is ${refusal}`, () => {
        assert.equal(refusalIn(words), refusal);
        assert.equal(refusalIn(`9 FAILED_PRECONDITION: ${words}`), refusal);
      });
    }
  }

  it('is none where etcd does not know what became of the change', () => {
    const open = [
      'etcdserver: request timed out',
      'etcdserver: request timed out, possibly due to previous leader failure',
      'etcdserver: request timed out, possibly due to connection lost',
      'etcdserver: leader changed',
      'etcdserver: no leader',
      'etcdserver: server stopped',
      'etcdserver: too many requests',
    ];
    for (const text of open) {
      assert.equal(refusalIn(text), undefined, text);
    }
  });

  it('is none where nobody answered', () => {
    for (const text of ['4 DEADLINE_EXCEEDED: Deadline exceeded', '14 UNAVAILABLE: No connection', '']) {
      assert.equal(refusalIn(text), undefined, text);
    }
  });

  it('has words for each of the closed list', () => {
    assert.deepEqual(keysOf(WORDS).toSorted(), REFUSALS.toSorted());
  });
});
