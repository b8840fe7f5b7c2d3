import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { TestContext } from 'node:test';
import { decode } from 'dns-packet';
import { podAddressOf } from '../../../src/local/cluster-layout.ts';
import { answerQuery, type DnsFault } from '../../../src/local/dns-answer.ts';
import type { PodRecord } from '../../../src/local/dns-zone.ts';
import type { Scenario } from './a-cluster.ts';

const PORTS = [
  { name: 'peer', port: 2380 },
  { name: 'client', port: 2379 },
];
const TTL_SECONDS = 5;
const NXDOMAIN = 3;

/** A name server that says what the test wants it to, in place of the cluster's own. */
export type NameServer = {
  /** Makes agents ask it. */
  readonly agentEnv: Readonly<Record<string, string>>;
  /** Publishes exactly these ordinals, at their own addresses or at others. */
  readonly publish: (scenario: Scenario, addresses: Readonly<Record<number, string>>) => void;
  /** Names asked for so far, and when (`Date.now()`). */
  readonly questions: readonly { readonly name: string; readonly atMs: number }[];
  readonly setFault: (fault: DnsFault) => void;
};

/** Starts it for one test. `negativeTtlMs` is how long it repeats a "no such name", as a cache would. */
export async function aNameServer(
  t: TestContext,
  options: { readonly address?: string; readonly port?: number; readonly negativeTtlMs?: number } = {},
): Promise<NameServer> {
  const { address = '127.0.0.1', port = 0, negativeTtlMs = 0 } = options;
  const questions: { readonly name: string; readonly atMs: number }[] = [];
  const absentUntilMs = new Map<string, number>();
  let pods: readonly PodRecord[] = [];
  let fault: DnsFault = { kind: 'none' };
  const answer = (query: Buffer): Buffer | undefined => {
    const name = decode(query).questions?.[0]?.name.toLowerCase() ?? '';
    const nowMs = Date.now();
    questions.push({ name, atMs: nowMs });
    const isAbsent = (absentUntilMs.get(name) ?? 0) > nowMs;
    const zone = {
      domain: 'cluster.local',
      ports: PORTS,
      ttlSeconds: TTL_SECONDS,
      pods: isAbsent ? [] : pods,
    };
    const response = answerQuery(query, zone, 'udp', fault);
    if (!isAbsent && response !== undefined && (response.readUInt16BE(2) & 0xf) === NXDOMAIN) {
      absentUntilMs.set(name, nowMs + negativeTtlMs);
    }
    return response;
  };
  const socket = await listen(address, port, answer);
  t.after(() => socket.close());
  return {
    agentEnv: { QUORATE_DNS_SERVERS: `${address}:${socket.address().port}` },
    publish: (scenario, addresses) => {
      const { names } = scenario.local().template;
      pods = Object.entries(addresses).map(([ordinal, podAddress]) => ({
        name: `${names.cluster}-${ordinal}`,
        address: podAddress,
        service: names.service,
        namespace: names.namespace,
      }));
    },
    questions,
    setFault: (next) => {
      fault = next;
    },
  };
}

/** The addresses that `ordinals` truly have. */
export function trueAddresses(
  scenario: Scenario,
  ordinals: readonly number[],
): Readonly<Record<number, string>> {
  const { block } = scenario.local().template;
  return Object.fromEntries(ordinals.map((ordinal) => [ordinal, podAddressOf(block, ordinal)]));
}

async function listen(
  address: string,
  port: number,
  answer: (query: Buffer) => Buffer | undefined,
): Promise<Socket> {
  const socket = createSocket('udp4');
  socket.on('message', (query, from) => {
    const response = answer(query);
    if (response !== undefined) {
      socket.send(response, from.port, from.address);
    }
  });
  socket.bind({ address, port });
  await once(socket, 'listening');
  return socket;
}
