import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { LiveObject } from '../../src/kube/kube-object.ts';
import type { FollowNews } from '../../src/operator/cache/follow-scope.ts';
import type { Change, Kept } from '../../src/operator/cache/object-store.ts';
import { createReflector, type Reflector } from '../../src/operator/cache/reflector.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { aConfigMap, aRealServer, backingEtcdOf, CONFIG_MAP, type ObjectApi } from './kube-client-kit.ts';

const real = aRealServer();

/** A reflector of the ConfigMaps of a namespace, and a mirror that knows nothing but what it was told. */
type Followed = {
  readonly reflector: Reflector<string>;
  readonly mirror: ReadonlyMap<string, string>;
  readonly news: readonly FollowNews[];
  /** Resolves when it holds; asked again at each change. */
  readonly until: (holds: () => boolean) => Promise<void>;
};

function follow(t: TestContext, api: ObjectApi, namespace: string): Followed {
  const mirror = new Map<string, string>();
  const news: FollowNews[] = [];
  let wake = (): void => {};
  const reflector = createReflector<string>({
    reader: api,
    type: CONFIG_MAP,
    namespaces: [namespace],
    keep: (object) => object.metadata.resourceVersion,
    onChange: (change) => {
      note(change);
      wake();
    },
    onNews: (each) => {
      news.push(each);
      wake();
    },
    clock: systemClock,
    random: Math.random,
  });
  const stop = new AbortController();
  const ended = reflector.run(stop.signal);
  t.after(() => {
    stop.abort();
    return ended;
  });
  return {
    reflector,
    mirror,
    news,
    until: async (holds) => {
      while (!holds()) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
  };

  function note(change: Change<string>): void {
    const known = mirror.get(change.key);
    assert.equal(known, change.kind === 'added' ? undefined : textOf(change.old), 'nothing was left out');
    if (change.kind === 'removed') {
      mirror.delete(change.key);
    } else {
      mirror.set(change.key, textOf(change.now));
    }
  }
}

const textOf = ({ uid, resourceVersion }: Pick<Kept<string>, 'uid' | 'resourceVersion'>): string =>
  `${uid} ${resourceVersion}`;

async function listed(t: TestContext, api: ObjectApi, namespace: string): Promise<Map<string, string>> {
  const page = await api.list(CONFIG_MAP, { namespace, limit: 500 }, t.signal);
  assert.ok(page.kind === 'done' && page.value.continueToken === undefined, JSON.stringify(page));
  const entry = ({ metadata }: LiveObject): [string, string] => [
    `${namespace}/${metadata.name}`,
    textOf(metadata),
  ];
  return new Map(page.value.items.map(entry));
}

/** Creates, changes and removes a few ConfigMaps, some of which come back, until told to stop. */
async function churn(api: ObjectApi, namespace: string, signal: AbortSignal): Promise<number> {
  let done = 0;
  for (let round = 0; !signal.aborted; round++) {
    const name = `map-${Math.floor(Math.random() * 12)}`;
    const outcome =
      Math.random() < 0.4
        ? await api.remove(CONFIG_MAP, { namespace, name }, {}, signal)
        : await api.apply(CONFIG_MAP, aConfigMap(namespace, name, { round: String(round) }), signal);
    done += outcome.kind === 'done' ? 1 : 0;
    // An API server that is down refuses in no time: leave it the machine to come up on.
    await delay(outcome.kind === 'unknown' ? 100 : 1);
  }
  return done;
}

describe('a reflector on a real API server', () => {
  it('loses no change while the API server is killed and comes back, twice', async (t) => {
    const [api, namespace] = [await real.api(t), await real.namespace(t)];
    const { reflector, mirror, until, news } = follow(t, await real.api(t), namespace);
    const stop = new AbortController();
    const churning = churn(api, namespace, stop.signal);
    for (let outage = 0; outage < 2; outage++) {
      const before = mirror.size;
      await until(() => mirror.size !== before);
      await real.server().stop('SIGKILL');
      await until(() => news.at(-1)?.kind === 'failed');
      await real.server().start(t.signal);
    }
    stop.abort();
    assert.ok((await churning) > 0);
    const expected = await listed(t, api, namespace);
    await until(() => sameEntries(mirror, expected));
    assert.deepEqual(new Map(reflector.all().map((kept) => [kept.key, textOf(kept)])), expected);
  });

  it('finds out what happened while its point was compacted away', async (t) => {
    const [api, namespace] = [await real.api(t), await real.namespace(t)];
    for (const name of ['stays', 'vanishes']) {
      const made = await api.apply(CONFIG_MAP, aConfigMap(namespace, name), t.signal);
      assert.equal(made.kind, 'done');
    }
    const { mirror, until, news } = follow(t, await real.api(t), namespace);
    await until(() => mirror.size === 2);
    const etcd = await backingEtcdOf(real.server());
    await real.server().stop('SIGKILL');
    await etcd.removeKey(`/registry/configmaps/${namespace}/vanishes`);
    await etcd.compact();
    await real.server().start(t.signal);
    await until(() => mirror.size === 1);
    assert.deepEqual([...mirror.keys()], [`${namespace}/stays`]);
    const failed = news.flatMap((each) => (each.kind === 'failed' ? [each.why] : []));
    assert.match(failed.at(-1) ?? '', /too old resource version/);
    assert.ok(news.some((each) => each.kind === 'listed' && each.corrections === 1));
  });
});

function sameEntries(a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): boolean {
  return a.size === b.size && [...a].every(([key, value]) => b.get(key) === value);
}
