/**
 * Runs in a Pod beside the clusters that are measured, and sees them as a client does. Node's own modules are all
 * it has; times are of its own clock, in milliseconds since 1970.
 *
 * - `GET /now`: the time.
 * - `POST /whole` `{base, voters, without}`: answers once etcd at `base` lists exactly so many members, all of them
 *   voters that have started, none of them `without`, and has acknowledged a write after that.
 * - `POST /serves` `{base}`: answers once this member has answered a linearizable read.
 * - `POST /members` `{base}`: the IDs of the members that are listed.
 * - `POST /writing` `{base}`: writes all the time from now on. `POST /written`: stops, and reports.
 */
import { Agent, createServer, request, type ServerResponse } from 'node:http';
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

type Question = {
  readonly base: string;
  readonly voters?: number;
  readonly without?: string;
};

const agent = new Agent({ keepAlive: true, maxSockets: LANES });
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
      return answer(response, await until(() => serves(question.base)));
    case '/members':
      return answer(response, { ids: (await listMembers(question.base)).map(({ ID }) => ID) });
    case '/writing':
      writing = startWriting(question.base);
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

async function listMembers(base: string): Promise<readonly Member[]> {
  const said = (await ask(base, '/v3/cluster/member/list', { linearizable: true })) as {
    readonly members?: readonly Member[];
  };
  return said.members ?? [];
}

async function isWhole({ base, voters, without }: Question): Promise<boolean> {
  const members = await listMembers(base);
  const isSo =
    members.length === voters &&
    members.every(({ ID, name = '', isLearner = false }) => ID !== without && name !== '' && !isLearner);
  return isSo && (await put(base, 'whole'));
}

async function serves(base: string): Promise<boolean> {
  await ask(base, '/v3/kv/range', { key: base64('whole') });
  return true;
}

async function put(base: string, key: string): Promise<boolean> {
  await ask(base, '/v3/kv/put', { key: base64(`bench/${key}`), value: base64('1') });
  return true;
}

type Written = { readonly acknowledged: number; readonly failed: number; readonly longestGapMs: number };
type Writing = { readonly stop: () => Promise<Written> };

function startWriting(base: string): Writing {
  let isOver = false;
  let acknowledged = 0;
  let failed = 0;
  let lastMs = Date.now();
  let longestGapMs = 0;
  const lane = async (number: number): Promise<void> => {
    await sleep((number * LANE_PACE_MS) / LANES);
    while (!isOver) {
      const isDone = await put(base, `lane-${number}`).catch(() => false);
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
async function ask(base: string, path: string, body: unknown): Promise<unknown> {
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  const outgoing = request(new URL(path, base), {
    method: 'POST',
    agent,
    signal: AbortSignal.timeout(ASK_MS_MAX),
  });
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

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
