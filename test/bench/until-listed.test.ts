import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { EtcdAccess } from '../../src/bench/etcd-access.ts';
import { isAsWanted, memberOf, untilListed } from '../../src/bench/until-listed.ts';
import type { Answer, MemberList } from '../../src/etcd/member-api.ts';
import type { Member } from '../../src/model/member.ts';
import { peerUrlOf } from '../../src/model/naming.ts';
import { CLUSTER, memberId, NAMES } from '../support/a-member-view.ts';

function listOf(...members: readonly Member[]): MemberList {
  return { clusterId: CLUSTER, members };
}

function voter(ordinal: number): Member {
  const peerUrls = [peerUrlOf(NAMES, ordinal)];
  return { id: memberId(ordinal), name: `m${ordinal}`, peerUrls, clientUrls: [], isLearner: false };
}

const TWO = { size: 2, without: null };

describe('a member list', () => {
  it('is as wanted when exactly the wanted members are voters, in whatever order', () => {
    assert.equal(isAsWanted(listOf(voter(1), voter(0)), NAMES, TWO), true);
  });

  it('is not as wanted with a member too few, too many, or another one', () => {
    assert.equal(isAsWanted(listOf(voter(0)), NAMES, TWO), false);
    assert.equal(isAsWanted(listOf(voter(0), voter(1), voter(2)), NAMES, TWO), false);
    assert.equal(isAsWanted(listOf(voter(0), voter(2)), NAMES, TWO), false);
  });

  it('is not as wanted while one is a learner', () => {
    assert.equal(isAsWanted(listOf(voter(0), { ...voter(1), isLearner: true }), NAMES, TWO), false);
  });

  it('is not as wanted while the lost member is listed under its old ID', () => {
    assert.equal(isAsWanted(listOf(voter(0), voter(1)), NAMES, { size: 2, without: memberId(1) }), false);
    assert.equal(isAsWanted(listOf(voter(0), voter(1)), NAMES, { size: 2, without: memberId(5) }), true);
  });

  it('names the member of an ordinal', () => {
    assert.equal(memberOf(listOf(voter(0), voter(1)), NAMES, 1)?.id, memberId(1));
    assert.equal(memberOf(listOf(voter(0)), NAMES, 1), undefined);
  });
});

/** An access whose lists are `answers`, one after another, the last one again and again. */
function accessWith(answers: readonly Answer<MemberList>[]): Pick<EtcdAccess, 'members'> {
  let asked = 0;
  const refuse = (): Promise<never> => Promise.reject(new Error('nothing is changed'));
  return {
    members: {
      listMembers: () => {
        const answer = answers[Math.min(asked, answers.length - 1)];
        asked += 1;
        return answer === undefined ? refuse() : Promise.resolve(answer);
      },
      addLearner: refuse,
      promote: refuse,
      remove: refuse,
      updatePeerUrl: refuse,
      moveLeader: refuse,
    },
  };
}

describe('waiting for a list', () => {
  it('asks again at each piece of news until the list is as wanted', async (t) => {
    const access = accessWith([
      { kind: 'unknown', why: 'no answer' },
      { kind: 'answered', value: listOf(voter(0)) },
      { kind: 'answered', value: listOf(voter(0), voter(1)) },
    ]);
    await untilListed(access, NAMES, TWO, 0, () => () => Promise.resolve(), t.signal);
  });

  it('asks again in time when no news comes', async (t) => {
    const access = accessWith([
      { kind: 'answered', value: listOf(voter(0)) },
      { kind: 'answered', value: listOf(voter(0), voter(1)) },
    ]);
    const never = () => (signal: AbortSignal) => aborted(signal);
    await untilListed(access, NAMES, TWO, 0, never, t.signal);
  });

  it('says what was last seen when it gives up', async () => {
    const stop = new AbortController();
    const access = accessWith([{ kind: 'answered', value: listOf({ ...voter(0), isLearner: true }) }]);
    const news = () => async () => stop.abort();
    await assert.rejects(untilListed(access, NAMES, TWO, 0, news, stop.signal), /\(learner\)/);
  });
});

async function aborted(signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  signal.addEventListener('abort', () => resolve(), { once: true });
  await promise;
}
