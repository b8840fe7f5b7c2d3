import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { Resolver } from '../../src/dns/resolver.ts';

/** Two Pods behind the headless Service `demo-peer` in `default`, whose port `peer` is 2380. */
export const PUBLISHED = [
  { name: 'demo-0', address: '127.80.9.10' },
  { name: 'demo-1', address: '127.80.9.11' },
] as const;

export const SERVICE_NAME = 'demo-peer.default.svc.cluster.local';

/** What a resolver under contract is tried on. */
export type ResolverUnderContract = {
  readonly resolver: Resolver;
  /** The same, but it gives up soon; for what nobody will answer. */
  readonly impatient: Resolver;
  /** From now on the servers refuse to say anything, as CoreDNS does without the API. */
  failServers(): void;
  /** From now on nobody answers. */
  silenceServers(): void;
};

/** What every resolver does, given servers where `PUBLISHED` is published. */
export function resolverContract(
  label: string,
  start: (t: TestContext) => Promise<ResolverUnderContract>,
): void {
  const never = new AbortController().signal;
  const pod = `demo-1.${SERVICE_NAME}`;

  describe(`${label} keeps the contract of Resolver: it`, () => {
    it('finds the address of a Pod', async (t) => {
      const { resolver } = await start(t);
      const found = await resolver.addressesOf(pod, never);
      assert.deepEqual(found, { kind: 'found', addresses: ['127.80.9.11'], ttlSeconds: 5 });
    });

    it('takes every spelling of a name for the same name', async (t) => {
      const { resolver } = await start(t);
      for (const name of [`${pod}.`, pod.toUpperCase()]) {
        assert.equal((await resolver.addressesOf(name, never)).kind, 'found');
      }
    });

    it('finds the addresses of all Pods behind a Service', async (t) => {
      const { resolver } = await start(t);
      const found = await resolver.addressesOf(SERVICE_NAME, never);
      assert.deepEqual(
        found.kind === 'found' && found.addresses.toSorted(),
        PUBLISHED.map(({ address }) => address),
      );
    });

    it('finds targets and addresses of a named port', async (t) => {
      const { resolver } = await start(t);
      const found = await resolver.servicesOf(`_peer._tcp.${SERVICE_NAME}`, never);
      assert.deepEqual(
        found.kind === 'found' && found.targets.toSorted((a, b) => a.target.localeCompare(b.target)),
        PUBLISHED.map(({ name, address }) => ({
          target: `${name}.${SERVICE_NAME}`,
          port: 2380,
          addresses: [address],
        })),
      );
    });

    it('finds the name of an address', async (t) => {
      const { resolver } = await start(t);
      const found = await resolver.namesOf('127.80.9.10', never);
      assert.deepEqual(found, { kind: 'found', names: [`demo-0.${SERVICE_NAME}`], ttlSeconds: 5 });
    });

    it('takes an address for its own answer', async (t) => {
      const { resolver, silenceServers } = await start(t);
      silenceServers();
      const found = await resolver.addressesOf('127.80.9.77', never);
      assert.deepEqual(found.kind === 'found' && found.addresses, ['127.80.9.77']);
    });

    it('says no-such-name of what nobody has published', async (t) => {
      const { resolver } = await start(t);
      const absent = { kind: 'no-such-name' };
      assert.deepEqual(await resolver.addressesOf(`demo-2.${SERVICE_NAME}`, never), absent);
      assert.deepEqual(await resolver.servicesOf(`_none._tcp.${SERVICE_NAME}`, never), absent);
      assert.deepEqual(await resolver.namesOf('127.80.9.99', never), absent);
    });

    it('never tries a search domain', async (t) => {
      const { resolver } = await start(t);
      for (const name of ['demo-0', 'demo-0.demo-peer', 'demo-0.demo-peer.default.svc']) {
        assert.notEqual((await resolver.addressesOf(name, never)).kind, 'found');
      }
    });

    it('says no-data of a name that has other records', async (t) => {
      const { resolver } = await start(t);
      assert.deepEqual(await resolver.addressesOf('default.svc.cluster.local', never), { kind: 'no-data' });
    });

    it('says unknown when the servers fail', async (t) => {
      const { resolver, failServers } = await start(t);
      failServers();
      assert.equal((await resolver.addressesOf(pod, never)).kind, 'unknown');
      assert.equal((await resolver.servicesOf(`_peer._tcp.${SERVICE_NAME}`, never)).kind, 'unknown');
      assert.equal((await resolver.namesOf('127.80.9.10', never)).kind, 'unknown');
    });

    it('says unknown when nobody answers, also for names that do not exist', async (t) => {
      const { impatient, silenceServers } = await start(t);
      silenceServers();
      assert.equal((await impatient.addressesOf(pod, never)).kind, 'unknown');
      assert.equal((await impatient.addressesOf(`demo-2.${SERVICE_NAME}`, never)).kind, 'unknown');
    });

    it('says unknown of what cannot be a name or an address', async (t) => {
      const { resolver } = await start(t);
      for (const name of ['', '.', 'a..b', `${'a'.repeat(64)}.b`, 'ä.b', 'a b', `${'a.'.repeat(127)}aa`]) {
        assert.equal((await resolver.addressesOf(name, never)).kind, 'unknown', name);
      }
      assert.equal((await resolver.namesOf('demo-0', never)).kind, 'unknown');
    });

    it('says unknown at once when it is aborted', async (t) => {
      const { resolver, silenceServers } = await start(t);
      silenceServers();
      const controller = new AbortController();
      const pending = resolver.addressesOf(pod, controller.signal);
      controller.abort();
      assert.equal((await pending).kind, 'unknown');
      assert.equal((await resolver.addressesOf(pod, AbortSignal.abort())).kind, 'unknown');
    });
  });
}
