/** The client's eye: a Pod that asks clusters, and says when something was so by this machine's clock. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { bareContainer, barePod } from '../../test/e2e/support/bare-pod.ts';
import type { ClusterAccess } from '../../test/e2e/support/cluster-access.ts';
import type { Kubectl } from '../../test/e2e/support/kubectl.ts';
import type { NamespaceView } from '../../test/e2e/support/namespace-view.ts';

export type Prober = {
  /** When the cluster behind that door was first whole, on this machine's clock. */
  readonly untilWhole: (wish: WholeWish) => Promise<number>;
  /** When the member there first answered a linearizable read. */
  readonly untilServes: (door: Door) => Promise<number>;
  /** IDs of the members that are listed, in decimal. */
  readonly members: (door: Door) => Promise<readonly string[]>;
  /** Writes there while `act` runs. */
  readonly whileWriting: <T>(door: Door, act: () => Promise<T>) => Promise<readonly [T, Written]>;
};

/** Where a cluster or a member is asked, and what it takes over TLS. */
export type Door = {
  readonly base: string;
  readonly tls?: {
    readonly cert: string;
    readonly key: string;
    readonly ca: string;
    readonly servername: string;
  };
};

export type WholeWish = {
  readonly door: Door;
  readonly voters: number;
  /** A member that must not be listed any more. */
  readonly without?: string;
};

export type Written = v.InferOutput<typeof writtenSchema>;

type ProberParts = {
  readonly access: ClusterAccess;
  readonly view: NamespaceView;
  readonly kubectl: Kubectl;
  readonly image: string;
  readonly signal: AbortSignal;
};

const PROGRAM = 'prober-program.ts';
const POD = 'prober';
const FOLDER = '/work';
const PORT = 8080;
/** The Pod answers within 25 s at the latest. */
const ASK_MS_MAX = 30_000;
/** A cluster that takes longer is not slow but broken. */
const UNTIL_MS_MAX = 120_000;
const CLOCK_LOOKS = 7;

const momentSchema = v.object({ atMs: v.optional(v.number()) });
const nowSchema = v.object({ atMs: v.number() });
const membersSchema = v.object({ ids: v.array(v.string()) });
const writtenSchema = v.object({ acknowledged: v.number(), failed: v.number(), longestGapMs: v.number() });

/** Starts the Pod in the namespace of `view`. */
export async function startProber(parts: ProberParts): Promise<Prober> {
  const { access, view, kubectl, image, signal } = parts;
  const items = [
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: POD },
      data: { [PROGRAM]: readFileSync(join(import.meta.dirname, PROGRAM), 'utf8') },
    },
    proberPod(image),
  ];
  await kubectl.must(['create', '-f', '-'], {
    input: JSON.stringify({ apiVersion: 'v1', kind: 'List', items }),
  });
  await view.until(`Pod ${POD} runs`, () => view.pod(POD)?.ready);
  const ask = async (path: string, json: unknown = {}): Promise<unknown> => {
    const place = { namespace: view.namespace, pod: POD, port: PORT };
    const answer = await access.askPod(place, { method: 'POST', path, json, timeoutMs: ASK_MS_MAX }, signal);
    if (answer.kind !== 'answered' || answer.status !== 200) {
      throw new Error(`the prober did not answer ${path}: ${JSON.stringify(answer)}`);
    }
    return JSON.parse(answer.body);
  };
  const aheadMs = await clockAheadMs(async () => v.parse(nowSchema, await ask('/now')).atMs);
  const until = async (path: string, json: unknown): Promise<number> => {
    for (const givenUpMs = Date.now() + UNTIL_MS_MAX; Date.now() < givenUpMs; ) {
      const { atMs } = v.parse(momentSchema, await ask(path, json));
      if (atMs !== undefined) {
        return atMs - aheadMs;
      }
    }
    throw new Error(`${path} was not so within ${UNTIL_MS_MAX / 1000} s`);
  };
  return {
    untilWhole: (wish) => until('/whole', wish),
    untilServes: (door) => until('/serves', { door }),
    members: async (door) => v.parse(membersSchema, await ask('/members', { door })).ids,
    whileWriting: async (door, act) => {
      await ask('/writing', { door });
      const done = await act();
      return [done, v.parse(writtenSchema, await ask('/written'))];
    },
  };
}

/** How far the Pod's clock is ahead of this machine's, by the quickest of a few answers. */
async function clockAheadMs(now: () => Promise<number>): Promise<number> {
  let best = { tookMs: Number.POSITIVE_INFINITY, aheadMs: 0 };
  for (let look = 0; look < CLOCK_LOOKS; look++) {
    const askedMs = Date.now();
    const atMs = await now();
    const tookMs = Date.now() - askedMs;
    if (tookMs < best.tookMs) {
      best = { tookMs, aheadMs: atMs - (askedMs + tookMs / 2) };
    }
  }
  return best.aheadMs;
}

function proberPod(image: string): unknown {
  return barePod(POD, {
    containers: [
      {
        ...bareContainer(POD, image, ['/usr/local/bin/node', `${FOLDER}/${PROGRAM}`]),
        env: [{ name: 'PORT', value: String(PORT) }],
        readinessProbe: { tcpSocket: { port: PORT }, periodSeconds: 1 },
        volumeMounts: [{ name: 'program', mountPath: FOLDER, readOnly: true }],
      },
    ],
    volumes: [{ name: 'program', configMap: { name: POD } }],
  });
}
