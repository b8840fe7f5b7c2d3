/** Secrets that an agent is given show up nowhere: not in its log, its pages, or its complaints about them. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { before, describe, it, type TestContext } from 'node:test';
import type { KeyPair } from '../../src/pki/certificate.ts';
import { issueAuthority, issueLeaf } from '../../src/pki/x509-issuer.ts';
import { serveHttp } from '../support/http-origin.ts';
import { claimLoopbackAddresses } from '../support/loopback-address.ts';
import { aMountedSecret, tlsFilesOf } from '../support/mounted-secret.ts';

const ENTRY = join(import.meta.dirname, '..', '..', 'src', 'main.ts');
const DAY_MS = 86_400_000;
const TOKEN = 'eyJhbGciOiJub25lIn0.the-token-of-a-service-account';
const PASSWORD = 'correct-horse-battery-staple';
const PAGES = ['/livez', '/readyz', '/started', '/status', '/metrics', '/reach?ordinal=1', '/none'];

let authority: KeyPair;
let own: KeyPair;
let other: KeyPair;
before(async () => {
  authority = await issueAuthority('ca', Date.now(), DAY_MS);
  const wanted = {
    commonName: 'root',
    dnsNames: ['demo-0'],
    ipAddresses: [],
    usages: ['server', 'client'],
    lifeMs: DAY_MS,
  } as const;
  own = await issueLeaf(authority, wanted, Date.now());
  other = await issueLeaf(authority, wanted, Date.now());
});

/** That which follows upon all it could ask. */
const DECIDED = /"decision":"(?!wait","reason":"EtcdNotAsking)/;

/** Every piece of them that could be told from noise. */
function needles(): readonly string[] {
  const keys = [authority, own, other].flatMap(({ key }) =>
    key.split('\n').filter((line) => line.length > 8 && !line.startsWith('-----')),
  );
  assert.ok(keys.length >= 6);
  return [TOKEN, PASSWORD, 'PRIVATE KEY', ...keys];
}

type Given = {
  readonly token?: string;
  readonly tls?: Readonly<Record<string, string>>;
  /** How the API server answers. */
  readonly api?: RequestListener;
};

/** All that an agent with these secrets writes and shows, until it has decided something and is ended. */
async function saidBy(t: TestContext, { token = TOKEN, tls, api = unauthorized }: Given): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'quorate-secrets-'));
  const addresses = await claimLoopbackAddresses();
  t.after(async () => {
    await addresses[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });
  const tokenFile = join(folder, 'token');
  await writeFile(tokenFile, token);
  const secret = await aMountedSecret(t);
  await secret.put(tls ?? tlsFilesOf(own, authority.certificate));
  const variables = {
    QUORATE_CLUSTER: 'demo',
    QUORATE_NAMESPACE: 'default',
    QUORATE_SERVICE: 'demo-peer',
    QUORATE_POD_NAME: 'demo-0',
    QUORATE_POD_UID: 'pod-0',
    QUORATE_POD_IP: addresses.of(0),
    QUORATE_HOST_TEMPLATE: `${addresses.prefix}1{ordinal}`,
    QUORATE_ETCD_VERSION: '3.6.16',
    QUORATE_VOLUME: folder,
    QUORATE_GATE: join(folder, 'run', 'etcd.yaml'),
    QUORATE_DNS_SERVERS: `${addresses.of(9)}:5353`,
    QUORATE_API_URL: await serveHttp(t, api),
    QUORATE_API_TOKEN_FILE: tokenFile,
    QUORATE_LOG_LEVEL: 'debug',
    QUORATE_PEER_SCHEME: 'https',
    QUORATE_CLIENT_SCHEME: 'https',
    QUORATE_TLS_CLIENT: secret.folder,
    QUORATE_TLS_PEER: secret.folder,
    QUORATE_TLS_AGENT: secret.folder,
    QUORATE_AGENT_CHANNEL: 'either',
    DATABASE_PASSWORD: PASSWORD,
  };
  return runOf(t, variables, `http://${addresses.of(0)}:2382`);
}

async function runOf(t: TestContext, variables: Record<string, string>, origin: string): Promise<string> {
  const agent = spawn(process.execPath, [ENTRY, 'agent'], {
    env: { PATH: process.env['PATH'], ...variables },
    stdio: ['ignore', 'pipe', 'pipe'],
    signal: t.signal,
    killSignal: 'SIGKILL',
  });
  agent.on('error', () => {});
  const complaints = text(agent.stderr);
  const ended = once(agent, 'exit');
  let logged = '';
  let decided = false;
  for await (const chunk of agent.stdout.setEncoding('utf8')) {
    if (logged === '') {
      asking(t, variables['QUORATE_GATE'] ?? '');
    }
    logged += chunk;
    if (!decided && DECIDED.test(logged)) {
      decided = true;
      const pages = await Promise.all(PAGES.map(async (page) => (await fetch(`${origin}${page}`)).text()));
      logged += pages.join('\n');
      agent.kill('SIGTERM');
    }
  }
  assert.deepEqual(await ended, [0, null]);
  return logged + (await complaints);
}

/** As etcd asks for its configuration: before that, an agent asks nobody anything. */
function asking(t: TestContext, gate: string): void {
  const etcd = spawn('cat', [gate], { stdio: 'ignore' });
  t.after(() => {
    etcd.kill('SIGKILL');
  });
}

const unauthorized: RequestListener = (_request, response) => {
  response.writeHead(401, { 'content-type': 'application/json' });
  response.end(
    '{"kind":"Status","status":"Failure","reason":"Unauthorized","message":"Unauthorized","code":401}',
  );
};

/** A server, or something between, that quotes what it was sent. */
function quoting(status: number, bodyOf: (authorization: string) => string): RequestListener {
  return ({ headers }, response) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(bodyOf(headers.authorization ?? 'none'));
  };
}

/** What it is given, and what it complains of. */
const CASES: Readonly<Record<string, () => readonly [given: Given, complaint: RegExp]>> = {
  'that are refused': () => [{}, /answered 401/],
  'of which the token cannot be sent': () => [{ token: `${TOKEN}\u0001\u{1F511}` }, /Invalid character/],
  'of which the token is quoted in a refusal': () => [
    { api: quoting(400, (sent) => `bad request: ${sent}`) },
    /answered 400/,
  ],
  'of which the token is quoted in place of JSON': () => [{ api: quoting(200, (sent) => sent) }, /JSON/],
  'of which the token is quoted in an object of another shape': () => [
    { api: quoting(200, (sent) => JSON.stringify({ metadata: sent, spec: sent, data: sent })) },
    /makes no sense \(metadata is no Object; data is no Object\)/,
  ],
  'of which the key is another one’s': () => [
    { tls: tlsFilesOf(own, authority.certificate, other.key) },
    /tls\.key is not the key of tls\.crt/,
  ],
  'of which key and certificate are mixed up': () => [
    { tls: tlsFilesOf({ certificate: own.key, key: own.certificate }, authority.certificate) },
    /tls\.crt holds no certificate/,
  ],
  'of which the key lies among the authorities': () => [
    { tls: tlsFilesOf(own, authority.key) },
    /ca\.crt holds no certificate/,
  ],
};

describe('an agent given secrets', { concurrency: 2 }, () => {
  for (const [what, given] of Object.entries(CASES)) {
    it(`${what} tells nothing of them`, async (t) => {
      const [secrets, complaint] = given();
      const said = await saidBy(t, secrets);
      assert.match(said, complaint);
      assert.match(said, /quorate_agent_stage/);
      assert.deepEqual(
        needles().filter((needle) => said.includes(needle)),
        [],
      );
    });
  }
});
