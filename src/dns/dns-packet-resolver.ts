import { randomInt } from 'node:crypto';
import { isIPv4 } from 'node:net';
import { type AnswerCache, answerCache } from './answer-cache.ts';
import { canonicalName } from './canonical-name.ts';
import {
  encodeQuery,
  isReplyTo,
  isTruncated,
  type Question,
  readAddresses,
  readNames,
  readServices,
} from './dns-message.ts';
import { askOverTcp, askOverUdp, type Exchange, type Request } from './exchange.ts';
import { formatServer, type NameServer } from './resolv-conf.ts';
import type { Lookup, NameLookup, NotFound, Resolver, ServiceLookup } from './resolver.ts';

/** How long and how often the servers are asked before an answer is `unknown`. */
export type ResolverLimits = {
  readonly tryTimeoutMs: number;
  readonly triesMax: number;
  readonly totalTimeoutMs: number;
};

/**
 * Cluster DNS answers from memory, within milliseconds, and a lost datagram shall not cost more than
 * 300 ms. Every further try waits twice as long, so that a loaded server is heard in the end: 2.1 s in
 * three tries, one for each of three servers; the rest of the total is for answers that need TCP.
 */
export const RESOLVER_LIMITS: ResolverLimits = { tryTimeoutMs: 300, triesMax: 3, totalTimeoutMs: 2500 };

const ID_COUNT = 65_536;

const GIVEN_UP = 'the question was given up';
const NO_SERVER = 'no name server is configured';

export type DnsPacketResolverDeps = {
  /** Asked in turn, beginning with the one that answered last. */
  readonly servers: readonly NameServer[];
  /** Monotonic clock in milliseconds, for the cache. */
  readonly nowMs: () => number;
  readonly limits?: ResolverLimits;
};

/** The resolver that asks `servers` by UDP, and by TCP where an answer was truncated. */
export function dnsPacketResolver(deps: DnsPacketResolverDeps): Resolver {
  const ask = asker(deps.servers, deps.limits ?? RESOLVER_LIMITS);
  const addresses = answerCache<FoundOf<Lookup>>(deps.nowMs);
  const services = answerCache<FoundOf<ServiceLookup>>(deps.nowMs);
  const names = answerCache<FoundOf<NameLookup>>(deps.nowMs);
  return {
    addressesOf: async (name, signal, age) =>
      isIPv4(name)
        ? { kind: 'found', addresses: [name], ttlSeconds: 0 }
        : lookUp(name, { type: 'A', read: readAddresses, cache: addresses, ask, signal, age }),
    servicesOf: (name, signal) =>
      lookUp(name, { type: 'SRV', read: readServices, cache: services, ask, signal }),
    namesOf: async (address, signal) =>
      isIPv4(address)
        ? lookUp(reverseNameOf(address), { type: 'PTR', read: readNames, cache: names, ask, signal })
        : { kind: 'unknown', why: `'${address}' is not an IPv4 address` },
  };
}

type FoundOf<L> = Extract<L, { readonly kind: 'found' }>;
type Found = { readonly kind: 'found'; readonly ttlSeconds: number };
type Reader<F> = (name: string, reply: Buffer) => F | NotFound;
type Ask = <F extends Found>(
  question: Question,
  read: Reader<F>,
  signal: AbortSignal,
) => Promise<F | NotFound>;

async function lookUp<F extends Found>(
  text: string,
  how: {
    readonly type: Question['type'];
    readonly read: Reader<F>;
    readonly cache: AnswerCache<F>;
    readonly ask: Ask;
    readonly signal: AbortSignal;
    readonly age?: 'fresh' | undefined;
  },
): Promise<F | NotFound> {
  const name = canonicalName(text);
  if (name === undefined) {
    return { kind: 'unknown', why: `'${text}' is not a DNS name` };
  }
  const kept = how.age === 'fresh' ? undefined : how.cache.find(name);
  if (kept !== undefined) {
    return kept;
  }
  const answer = await how.ask({ type: how.type, name }, how.read, how.signal);
  if (answer.kind === 'found') {
    how.cache.keep(name, answer);
  }
  return answer;
}

/** Asks the servers within all limits, and remembers which one answered last. */
function asker(servers: readonly NameServer[], limits: ResolverLimits): Ask {
  let first: NameServer | undefined;
  return async (question, read, signal) => {
    const turns = tries(servers, first, limits);
    const { answer, from } = await within(limits.totalTimeoutMs, signal, (limited) =>
      askInTurn(turns, question, read, limited),
    );
    first = from ?? first;
    return answer.kind === 'unknown' && signal.aborted ? { kind: 'unknown', why: GIVEN_UP } : answer;
  };
}

/** Asks one server after the other until one of them knows. */
async function askInTurn<F extends Found>(
  turns: readonly Try[],
  question: Question,
  read: Reader<F>,
  signal: AbortSignal,
): Promise<{ readonly answer: F | NotFound; readonly from?: NameServer }> {
  const failures = new Set<string>();
  for (const { server, timeoutMs } of turns) {
    const outcome = await askServer(server, question, timeoutMs, signal);
    const answer = outcome.kind === 'answered' ? read(question.name, outcome.reply) : outcome;
    if (answer.kind !== 'unknown') {
      return { answer, from: server };
    }
    failures.add(`${formatServer(server)}: ${answer.why}`);
    if (signal.aborted) {
      break;
    }
  }
  return { answer: { kind: 'unknown', why: [...failures].join('; ') || NO_SERVER } };
}

type Try = { readonly server: NameServer; readonly timeoutMs: number };

/** The servers in turn, beginning with `first`. */
function tries(
  servers: readonly NameServer[],
  first: NameServer | undefined,
  limits: ResolverLimits,
): readonly Try[] {
  const start = first === undefined ? 0 : servers.indexOf(first);
  return Array.from({ length: limits.triesMax }).flatMap((_, count) => {
    const server = servers[(start + count) % servers.length];
    return server === undefined ? [] : [{ server, timeoutMs: limits.tryTimeoutMs * 2 ** count }];
  });
}

type Answered = Extract<Exchange, { readonly kind: 'answered' }>;
type Unknown = Extract<NotFound, { readonly kind: 'unknown' }>;

/** The whole answer of `server`, over TCP if it does not fit a datagram. */
async function askServer(
  server: NameServer,
  question: Question,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<Answered | Unknown> {
  const query = encodeQuery(randomInt(ID_COUNT), question);
  const request: Request = { server, query, isReply: (reply) => isReplyTo(query, question, reply) };
  const brief = await within(timeoutMs, signal, (limited) => askOverUdp(request, limited));
  const isCut = brief.kind === 'answered' && isTruncated(brief.reply);
  const outcome = isCut ? await within(timeoutMs, signal, (limited) => askOverTcp(request, limited)) : brief;
  if (outcome.kind === 'answered' && isTruncated(outcome.reply)) {
    return { kind: 'unknown', why: 'its answer is truncated even over TCP' };
  }
  return outcome.kind === 'answered' ? outcome : unanswered(outcome, timeoutMs);
}

function unanswered(outcome: Exclude<Exchange, Answered>, timeoutMs: number): Unknown {
  const why = outcome.kind === 'failed' ? outcome.why : `no answer within ${timeoutMs} ms`;
  return { kind: 'unknown', why };
}

/** Runs `work` under a signal that also ends it after `timeoutMs`. */
async function within<T>(
  timeoutMs: number,
  signal: AbortSignal,
  work: (limited: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const end = (): void => controller.abort();
  const timer = setTimeout(end, timeoutMs);
  signal.addEventListener('abort', end);
  try {
    if (signal.aborted) {
      end();
    }
    return await work(controller.signal);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', end);
  }
}

/** `4.3.2.1.in-addr.arpa` for 1.2.3.4 (RFC 1035 §3.5). */
function reverseNameOf(address: string): string {
  return `${address.split('.').reverse().join('.')}.in-addr.arpa`;
}
