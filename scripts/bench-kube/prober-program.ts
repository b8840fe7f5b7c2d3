/**
 * Runs in a Pod beside the clusters that are measured, and sees them as a client does. Node's own modules are all
 * it has; times are of its own clock, in milliseconds since 1970.
 *
 * - `GET /now`: the time.
 * Every question has the `door` of a cluster or member: `{base, tls}`.
 *
 * - `POST /whole` `{door, voters, without}`: answers once etcd lists exactly so many members, all of them
 *   voters that have started, none of them `without`, and has acknowledged a write after that.
 * - `POST /serves` `{door}`: answers once this member has answered a linearizable read.
 * - `POST /members` `{door}`: the IDs of the members that are listed.
 * - `POST /writing` `{door}`: writes all the time from now on. `POST /written`: stops, and reports.
 */
import { Agent, createServer, request as requestPlain, type ServerResponse } from 'node:http';
import { request as requestSecure, Agent as SecureAgent } from 'node:https';
import { json } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';

/** Finer than what is measured, and a small part of a processor. */
const LOOK_MS = 10;
const ASK_MS_MAX = 1_000;
/** The API server's proxy would give up later; whoever asks asks again. */
const ANSWER_MS_MAX = 25_000;

/** One write at a time on each lane, so that one that hangs does not hide that others go through. */
const LANES = 8;
const LANE_PACE_MS = 40;

type Door = {
  readonly base: string;
  /** What to show and to trust; nothing in plain text. */
  readonly tls?: {
    readonly cert: string;
    readonly key: string;
    readonly ca: string;
    readonly servername: string;
  };
};

type Question = {
  readonly door: Door;
  readonly voters?: number;
  readonly without?: string;
};

const plainAgent = new Agent({ keepAlive: true, maxSockets: LANES });
const secureAgents = new Map<string, SecureAgent>();
let writing: Writing | undefined;

createServer((incoming, response) => {
  json(incoming)
    .catch(() => ({}))
    .then((question) => handle(incoming.url ?? '/', question as Question, response))
    .catch((error: unknown) => response.writeHead(500).end(String(error)));
}).listen(Number(process.env['PORT']));

async function handle(path: string, question: Question, response: ServerResponse): Promise<void> {
  switch (path) {
    case '/now':
      return answer(response, { atMs: Date.now() });
    case '/whole':
      return answer(response, await until(() => isWhole(question)));
    case '/serves':
      return answer(response, await until(() => serves(question.door)));
    case '/members':
      return answer(response, { ids: (await listMembers(question.door)).map(({ ID }) => ID) });
    case '/writing':
      writing = startWriting(question.door);
      return answer(response, {});
    case '/written':
      return answer(response, (await writing?.stop()) ?? {});
    default:
      response.writeHead(404).end();
  }
}

function answer(response: ServerResponse, value: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

/** When `look` was first true; without a time when that took too long. */
async function until(look: () => Promise<boolean>): Promise<{ readonly atMs?: number }> {
  const givenUpMs = Date.now() + ANSWER_MS_MAX;
  while (Date.now() < givenUpMs) {
    if (await look().catch(() => false)) {
      return { atMs: Date.now() };
    }
    await sleep(LOOK_MS);
  }
  return {};
}

type Member = { readonly ID: string; readonly name?: string; readonly isLearner?: boolean };

async function listMembers(door: Door): Promise<readonly Member[]> {
  const said = (await ask(door, '/v3/cluster/member/list', { linearizable: true })) as {
    readonly members?: readonly Member[];
  };
  return said.members ?? [];
}

async function isWhole({ door, voters, without }: Question): Promise<boolean> {
  const members = await listMembers(door);
  const isSo =
    members.length === voters &&
    members.every(({ ID, name = '', isLearner = false }) => ID !== without && name !== '' && !isLearner);
  return isSo && (await put(door, 'whole'));
}

async function serves(door: Door): Promise<boolean> {
  await ask(door, '/v3/kv/range', { key: base64('whole') });
  return true;
}

async function put(door: Door, key: string): Promise<boolean> {
  await ask(door, '/v3/kv/put', { key: base64(`bench/${key}`), value: base64('1') });
  return true;
}

type Written = { readonly acknowledged: number; readonly failed: number; readonly longestGapMs: number };
type Writing = { readonly stop: () => Promise<Written> };

function startWriting(door: Door): Writing {
  let isOver = false;
  let acknowledged = 0;
  let failed = 0;
  let lastMs = Date.now();
  let longestGapMs = 0;
  const lane = async (number: number): Promise<void> => {
    await sleep((number * LANE_PACE_MS) / LANES);
    while (!isOver) {
      const isDone = await put(door, `lane-${number}`).catch(() => false);
      const nowMs = Date.now();
      if (isDone) {
        acknowledged += 1;
        longestGapMs = Math.max(longestGapMs, nowMs - lastMs);
        lastMs = nowMs;
      } else {
        failed += 1;
      }
      await sleep(LANE_PACE_MS);
    }
  };
  const lanes = Array.from({ length: LANES }, (_, number) => lane(number));
  return {
    stop: async () => {
      isOver = true;
      await Promise.all(lanes);
      return { acknowledged, failed, longestGapMs };
    },
  };
}

/** The answer of etcd's JSON gateway. Rejects for everything but a 200. */
async function ask({ base, tls }: Door, path: string, body: unknown): Promise<unknown> {
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  const url = new URL(path, base);
  const options = { method: 'POST', signal: AbortSignal.timeout(ASK_MS_MAX) };
  const outgoing =
    tls === undefined
      ? requestPlain(url, { ...options, agent: plainAgent })
      : requestSecure(url, { ...options, agent: secureAgentOf(tls) });
  outgoing.on('error', reject);
  outgoing.on('response', (incoming) => {
    json(incoming).then(
      (said) => (incoming.statusCode === 200 ? resolve(said) : reject(new Error(`${incoming.statusCode}`))),
      reject,
    );
  });
  outgoing.end(JSON.stringify(body));
  return promise;
}

function secureAgentOf(tls: NonNullable<Door['tls']>): SecureAgent {
  const agent = secureAgents.get(tls.key) ?? new SecureAgent({ keepAlive: true, maxSockets: LANES, ...tls });
  secureAgents.set(tls.key, agent);
  return agent;
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
