import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createAddressBook } from '../../../src/agent/look/address-book.ts';
import {
  type SurveyQuestion,
  surveyVoters,
  type VotersSurveyDeps,
} from '../../../src/agent/look/voters-survey.ts';
import type { Resolver } from '../../../src/dns/resolver.ts';
import type { MemberApi } from '../../../src/etcd/member-api.ts';
import { clientUrlOf, dnsNameOf, peerUrlOf } from '../../../src/model/naming.ts';
import type { VotersWord } from '../../../src/model/voters-word.ts';
import { aManualClock } from '../../support/a-clock.ts';
import { CLUSTER, FOREIGN_CLUSTER, memberId, NAMES } from '../../support/a-member-view.ts';
import { aFakeEtcd, type FakeEtcd } from '../../support/fake-etcd.ts';
import { aFakeResolver } from '../../support/fake-resolver.ts';

const PUBLISHED: Readonly<Record<string, readonly string[]>> = {
  [dnsNameOf(NAMES, 0)]: ['127.80.0.10'],
  [dnsNameOf(NAMES, 1)]: ['127.80.0.11'],
  [dnsNameOf(NAMES, 2)]: ['127.80.0.12'],
};

const ALL: SurveyQuestion = { ordinals: [0, 1, 2], clusterId: CLUSTER, contacts: false };

function threeVoters(): FakeEtcd {
  return aFakeEtcd(3, {
    clientUrl: (ordinal) => clientUrlOf(NAMES, ordinal),
    peerUrl: (ordinal) => peerUrlOf(NAMES, ordinal),
  });
}

function depsOf(etcd: FakeEtcd, resolver: Resolver = aFakeResolver(PUBLISHED)): VotersSurveyDeps {
  return {
    members: etcd.members,
    maintenance: etcd.maintenance,
    peers: etcd.peers,
    addresses: createAddressBook(resolver, { host: '', address: '' }, new AbortController().signal),
    clock: aManualClock(),
    names: NAMES,
    ordinal: 1,
  };
}

function contactsOf(word: VotersWord): readonly string[] {
  return 'members' in word ? word.members.map(({ contact }) => contact.kind) : [];
}

describe('a survey of the voters', () => {
  it('gives the confirmed list, its leader, and when it was seen', async (t) => {
    const word = await surveyVoters(depsOf(threeVoters()), ALL, t.signal);
    assert.ok(word.kind === 'linearizable');
    assert.deepEqual(
      word.members.map(({ id }) => id),
      [memberId(0), memberId(1), memberId(2)],
    );
    assert.deepEqual(word.leader, {
      id: memberId(0),
      clientUrl: clientUrlOf(NAMES, 0),
      raftIndex: 100n,
      raftTerm: 2n,
    });
    assert.equal(word.observedAtMs, 1_000_000);
  });

  it('dials nobody unless it is asked to, and then says of nobody that he answers', async (t) => {
    const etcd = threeVoters();
    const word = await surveyVoters(depsOf(etcd), ALL, t.signal);
    assert.deepEqual(contactsOf(word), ['silent', 'silent', 'silent']);
    assert.ok(!etcd.calls.some((call) => call.startsWith('contact')));
  });

  it('is over with the first conclusive answer: nobody waits for members that hang', async (t) => {
    const etcd = threeVoters();
    const given = Promise.withResolvers<void>();
    const members: MemberApi = {
      ...etcd.members,
      listMembers: async (url, linearizable, signal) => {
        if (url === clientUrlOf(NAMES, 0)) {
          return etcd.members.listMembers(url, linearizable, signal);
        }
        signal.addEventListener('abort', () => given.resolve(), { once: true });
        await given.promise;
        return { kind: 'unknown', why: 'given up waiting' };
      },
    };
    const word = await surveyVoters({ ...depsOf(etcd), members }, ALL, t.signal);
    assert.equal(word.kind, 'linearizable');
  });

  it('believes a list without a leader when nobody knows one', async (t) => {
    const etcd = threeVoters();
    const maintenance = {
      ...etcd.maintenance,
      status: async () => ({ kind: 'unknown', why: 'slow' }) as const,
    };
    const word = await surveyVoters({ ...depsOf(etcd), maintenance }, ALL, t.signal);
    assert.ok(word.kind === 'linearizable');
    assert.equal(word.leader, null);
  });

  it('knows no leader that is not listed', async (t) => {
    const etcd = threeVoters();
    etcd.lead(7);
    const word = await surveyVoters(depsOf(etcd), ALL, t.signal);
    assert.ok(word.kind === 'linearizable');
    assert.equal(word.leader, null);
  });

  it('takes the leader from the latest term and the index from the farthest voter', async (t) => {
    const etcd = threeVoters();
    const maintenance: VotersSurveyDeps['maintenance'] = {
      ...etcd.maintenance,
      status: async (url, signal) => {
        const answer = await etcd.maintenance.status(url, signal);
        if (answer.kind === 'unknown' || url === clientUrlOf(NAMES, 2)) {
          return { kind: 'unknown', why: 'slow' };
        }
        const isLate = url === clientUrlOf(NAMES, 1);
        const value = {
          ...answer.value,
          raftTerm: isLate ? 3n : 2n,
          raftIndex: isLate ? 90n : 95n,
          leaderId: isLate ? memberId(1) : null,
        };
        return { kind: 'answered', value };
      },
    };
    const word = await surveyVoters({ ...depsOf(etcd), maintenance }, ALL, t.signal);
    assert.ok(word.kind === 'linearizable');
    assert.equal(word.leader?.id, memberId(1));
    assert.equal(word.leader?.raftTerm, 3n);
  });

  it('does not believe answers of another cluster, and says whose they are', async (t) => {
    const etcd = threeVoters();
    for (const ordinal of [0, 1, 2]) {
      etcd.disguise(ordinal, FOREIGN_CLUSTER);
    }
    assert.deepEqual(await surveyVoters(depsOf(etcd), ALL, t.signal), {
      kind: 'foreign',
      clusterId: FOREIGN_CLUSTER,
      from: peerUrlOf(NAMES, 0),
    });
  });

  it('believes the one of its own cluster among answers of others', async (t) => {
    const etcd = threeVoters();
    etcd.disguise(0, FOREIGN_CLUSTER);
    etcd.disguise(1, FOREIGN_CLUSTER);
    const word = await surveyVoters(depsOf(etcd), ALL, t.signal);
    assert.ok(word.kind === 'linearizable' && word.clusterId === CLUSTER);
  });

  it('believes any cluster beside its own etcd, whose cluster it does not know yet', async (t) => {
    const etcd = threeVoters();
    etcd.disguise(1, FOREIGN_CLUSTER);
    const word = await surveyVoters(depsOf(etcd), { ...ALL, ordinals: [1], clusterId: null }, t.signal);
    assert.ok(word.kind === 'linearizable' && word.clusterId === FOREIGN_CLUSTER);
  });

  it('gives a list that nobody confirmed as such, when there is no quorum', async (t) => {
    const etcd = threeVoters();
    etcd.kill(1);
    etcd.kill(2);
    const word = await surveyVoters(depsOf(etcd), { ...ALL, contacts: true }, t.signal);
    assert.ok(word.kind === 'local-list');
    assert.equal(word.members.length, 3);
    assert.deepEqual(contactsOf(word), ['silent', 'silent', 'silent']);
    assert.match(word.why, /request timed out|UNAVAILABLE/);
  });

  it('is silence when nobody answers, or there is nobody to ask', async (t) => {
    const etcd = threeVoters();
    for (const ordinal of [0, 1, 2]) {
      etcd.kill(ordinal);
    }
    const silent = await surveyVoters(depsOf(etcd), ALL, t.signal);
    assert.deepEqual(silent, { kind: 'silent', why: '14 UNAVAILABLE' });
    const nobody = await surveyVoters(depsOf(etcd), { ...ALL, ordinals: [] }, t.signal);
    assert.deepEqual(nobody, { kind: 'silent', why: 'nobody to ask' });
  });
});

describe('the contact with each listed member', () => {
  const dialling: SurveyQuestion = { ...ALL, contacts: true };

  it('is how its peer port behaves', async (t) => {
    const etcd = threeVoters();
    etcd.kill(2);
    assert.deepEqual(contactsOf(await surveyVoters(depsOf(etcd), dialling, t.signal)), [
      'answers',
      'answers',
      'refuses',
    ]);
  });

  it('is unresolved where its name has no address, and nobody is dialled for it', async (t) => {
    const etcd = threeVoters();
    const resolver = aFakeResolver({ ...PUBLISHED, [dnsNameOf(NAMES, 2)]: 'unknown' });
    const word = await surveyVoters(depsOf(etcd, resolver), dialling, t.signal);
    assert.deepEqual(contactsOf(word), ['answers', 'answers', 'unresolved']);
    assert.ok(!etcd.calls.includes(`contact ${peerUrlOf(NAMES, 2)}`));
  });

  it('is misdirected for both where two names lead to one address', async (t) => {
    const etcd = threeVoters();
    const resolver = aFakeResolver({ ...PUBLISHED, [dnsNameOf(NAMES, 2)]: ['127.80.0.10'] });
    const word = await surveyVoters(depsOf(etcd, resolver), dialling, t.signal);
    assert.deepEqual(contactsOf(word), ['misdirected', 'answers', 'misdirected']);
    assert.ok('members' in word);
    const [first] = word.members;
    assert.ok(first?.contact.kind === 'misdirected');
    assert.match(first.contact.why, /resolves to 127\.80\.0\.10, and so does another/);
  });
});
