import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { describe, it, type TestContext } from 'node:test';
import type { AgentStatus } from '../../../src/model/agent-status.ts';
import { AgentWatch, type FollowedPod } from '../../../src/operator/pass/agent-watch.ts';
import { createHttpClient } from '../../../src/runtime/http-client.ts';
import { aManualClock, type ManualClock } from '../../support/a-clock.ts';
import { anAgentStatus } from '../../support/an-agent-status.ts';
import { claimLoopbackAddresses, type LoopbackAddresses } from '../../support/loopback-address.ts';
import { createPlayedVoices, type PlayedVoice, type PlayedVoices } from '../../support/played-voices.ts';

const PORT = 2382;
const CLUSTER = 'ns/demo';

type Followed = {
  readonly watch: AgentWatch;
  readonly addresses: LoopbackAddresses;
  readonly voices: PlayedVoices;
  readonly clock: ManualClock;
  readonly pod: FollowedPod;
  /** How often a change was told so far. */
  readonly changes: () => number;
  /** Resolves when it holds; asked again at each change that is told. */
  readonly until: (holds: () => boolean) => Promise<void>;
  /** What the agent says that is heard now, and whether it answers. */
  readonly heard: () => { readonly etag: string; readonly reachable: boolean } | undefined;
};

/** A watch that follows the one Pod `pod-0` of a cluster. */
async function follow(t: TestContext): Promise<Followed> {
  const addresses = await claimLoopbackAddresses();
  const voices = createPlayedVoices(PORT);
  const http = createHttpClient();
  const stop = new AbortController();
  const clock = aManualClock();
  const told = new EventTarget();
  let changes = 0;
  const onChange = (cluster: string): void => {
    assert.equal(cluster, CLUSTER);
    changes += 1;
    told.dispatchEvent(new Event('change'));
  };
  const secureHttp = () => undefined;
  const deps = {
    http,
    secureHttp,
    agentPort: PORT,
    agentTlsPort: PORT + 1,
    clock,
    random: () => 0.5,
    onChange,
  };
  const watch = new AgentWatch(deps, stop.signal);
  t.after(async () => {
    stop.abort();
    await http.close();
    await voices[Symbol.asyncDispose]();
    await addresses[Symbol.asyncDispose]();
  });
  const pod = { uid: 'pod-0', address: addresses.of(0) };
  return {
    watch,
    addresses,
    voices,
    clock,
    pod,
    changes: () => changes,
    until: async (holds) => {
      while (!holds()) {
        await once(told, 'change', { signal: t.signal });
      }
    },
    heard: () => {
      const hearing = watch.hearingOf(CLUSTER, pod.uid);
      return hearing?.kind === 'heard'
        ? { etag: hearing.status.etag, reachable: hearing.reachable }
        : undefined;
    },
  };
}

const says = (etag: string, fields: Partial<AgentStatus> = {}): AgentStatus => ({
  ...anAgentStatus(),
  etag,
  ...fields,
});

async function speak({ voices, pod }: Followed, status: AgentStatus): Promise<PlayedVoice> {
  const voice = await voices.open(pod.address, status);
  assert.ok(voice !== undefined);
  return voice;
}

/** A server at the Pod's address that answers as `listener` does. */
async function answer(t: TestContext, { pod }: Followed, listener: RequestListener): Promise<void> {
  const server = createServer(listener).listen(PORT, pod.address);
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
}

/** So many exchanges with the voice as show that the watch had the time for as many. */
async function meanwhile(address: string, rounds: number): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    await (await fetch(`http://${address}:${PORT}/status`)).text();
  }
}

describe('an agent that is followed', () => {
  it('is heard with its first word, and with each that is new', async (t) => {
    const followed = await follow(t);
    const voice = await speak(followed, says('e1'));
    assert.equal(followed.watch.hearingOf(CLUSTER, 'pod-0'), undefined, 'nobody asks it yet');
    followed.watch.follow(CLUSTER, [followed.pod]);
    assert.equal(followed.watch.hearingOf(CLUSTER, 'pod-0')?.kind, 'never');
    await followed.until(() => followed.heard()?.etag === 'e1');
    voice.show(says('e2'));
    await followed.until(() => followed.heard()?.etag === 'e2');
    assert.equal(followed.changes(), 2);
  });

  it('brings nothing new by saying the same again, but its word is of now', async (t) => {
    const followed = await follow(t);
    const voice = await speak(followed, says('e1'));
    followed.watch.follow(CLUSTER, [followed.pod]);
    await followed.until(() => followed.heard() !== undefined);
    const changes = followed.changes();
    const askedBefore = voice.asked();
    followed.clock.advance(30_000);
    while (voice.asked() < askedBefore + 3) {
      voice.confirm();
      await meanwhile(followed.pod.address, 1);
    }
    const hearing = followed.watch.hearingOf(CLUSTER, 'pod-0');
    assert.ok(hearing?.kind === 'heard');
    assert.equal(hearing.heardAtMs, followed.clock.nowMs());
    assert.equal(followed.changes(), changes, 'nobody is to look at the cluster because of that');
  });

  it('is not hurried where it answers at once and has no news', async (t) => {
    const followed = await follow(t);
    let asked = 0;
    await answer(t, followed, (_request, response) => {
      asked += 1;
      response.end(JSON.stringify(says('e1')));
    });
    followed.watch.follow(CLUSTER, [followed.pod]);
    await followed.until(() => followed.heard() !== undefined);
    const before = asked;
    await meanwhile(followed.pod.address, 100);
    assert.ok(
      asked - before - 100 < 50,
      `asked ${asked - before - 100} times in as many answers as 100 take`,
    );
  });

  it('keeps its last word when it falls silent, and is told of again when it speaks', async (t) => {
    const followed = await follow(t);
    const voice = await speak(followed, says('e1'));
    followed.watch.follow(CLUSTER, [followed.pod]);
    await followed.until(() => followed.heard()?.reachable === true);
    await voice.silence();
    await followed.until(() => followed.heard()?.reachable === false);
    assert.equal(followed.heard()?.etag, 'e1');
    await voice.speak();
    await followed.until(() => followed.heard()?.reachable === true);
    assert.equal(followed.changes(), 3);
  });

  it('is not believed under an address that is another Pod’s by now', async (t) => {
    const followed = await follow(t);
    const voice = await speak(followed, says('e1'));
    followed.watch.follow(CLUSTER, [followed.pod]);
    await followed.until(() => followed.heard() !== undefined);
    voice.show(says('e2', { podUid: 'another' }));
    await followed.until(() => followed.heard()?.reachable === false);
    assert.equal(followed.heard()?.etag, 'e1');
  });

  const nonsense: readonly (readonly [name: string, RequestListener])[] = [
    ['an error', (_request, response) => void response.writeHead(500).end('oops')],
    ['no JSON', (_request, response) => void response.end('<html>')],
    ['no status', (_request, response) => void response.end('{"etag":"e1"}')],
    ['a redirect', (_request, response) => void response.writeHead(302, { location: '/' }).end()],
    ['an answer that breaks off', (_request, response) => void response.destroy()],
  ];
  for (const [name, listener] of nonsense) {
    it(`has said nothing by ${name}`, async (t) => {
      const followed = await follow(t);
      const asked = Promise.withResolvers<void>();
      let times = 0;
      await answer(t, followed, (request, response) => {
        times += 1;
        listener(request, response);
        if (times === 3) {
          asked.resolve();
        }
      });
      followed.watch.follow(CLUSTER, [followed.pod]);
      await asked.promise;
      assert.equal(followed.watch.hearingOf(CLUSTER, 'pod-0')?.kind, 'never');
      assert.equal(followed.changes(), 0);
    });
  }

  it('is told of when it does not say its first word in time', async (t) => {
    const followed = await follow(t);
    const since = followed.clock.nowMs();
    followed.watch.follow(CLUSTER, [followed.pod]);
    await followed.until(() => followed.changes() === 1);
    const hearing = followed.watch.hearingOf(CLUSTER, 'pod-0');
    assert.deepEqual(hearing, { kind: 'never', askedSinceMs: since });
  });
});

describe('whom to follow', () => {
  it('is exactly who was named last: others are asked no more, and nothing is known of them', async (t) => {
    const followed = await follow(t);
    const { watch, voices, addresses } = followed;
    const pods = [0, 1].map((ordinal) => ({ uid: `pod-${ordinal}`, address: addresses.of(ordinal) }));
    const [first, second] = await Promise.all(
      pods.map(({ address, uid }) => voices.open(address, says('e1', { podUid: uid }))),
    );
    assert.ok(first !== undefined && second !== undefined);
    watch.follow(CLUSTER, pods);
    await followed.until(() => pods.every(({ uid }) => watch.hearingOf(CLUSTER, uid)?.kind === 'heard'));
    watch.follow(CLUSTER, pods.slice(0, 1));
    assert.equal(watch.hearingOf(CLUSTER, 'pod-1'), undefined);
    const asked = second.asked();
    second.show(says('e2', { podUid: 'pod-1' }));
    first.show(says('e2'));
    await followed.until(() => followed.heard()?.etag === 'e2');
    assert.equal(second.asked(), asked);
    watch.follow(CLUSTER, []);
    assert.equal(watch.hearingOf(CLUSTER, 'pod-0'), undefined);
  });

  it('may have another address: then nothing is known until it has spoken from there', async (t) => {
    const followed = await follow(t);
    const { watch, voices, addresses, pod } = followed;
    await speak(followed, says('e1'));
    watch.follow(CLUSTER, [pod]);
    await followed.until(() => followed.heard() !== undefined);
    watch.follow(CLUSTER, [{ ...pod, address: addresses.of(1) }]);
    assert.equal(watch.hearingOf(CLUSTER, 'pod-0')?.kind, 'never');
    await voices.open(addresses.of(1), says('e7'));
    await followed.until(() => followed.heard()?.etag === 'e7');
  });

  it('goes on as it is where the same are named again', async (t) => {
    const followed = await follow(t);
    const voice = await speak(followed, says('e1'));
    followed.watch.follow(CLUSTER, [followed.pod]);
    await followed.until(() => followed.heard() !== undefined);
    const asked = voice.asked();
    followed.watch.follow(CLUSTER, [followed.pod]);
    await meanwhile(followed.pod.address, 3);
    assert.ok(voice.asked() - asked <= 4, 'no second question is under way');
    assert.equal(followed.heard()?.etag, 'e1');
  });
});
