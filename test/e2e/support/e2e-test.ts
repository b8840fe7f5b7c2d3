/** A test on a real cluster: namespaces of its own, an operator, and its traces kept when it fails. */
import { randomBytes } from 'node:crypto';
import { appendFileSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { RUN_LABEL, TEST_PREFIX } from '../../../scripts/e2e/clear-namespaces.ts';
import type { RunFacts } from '../../../scripts/e2e/run-facts.ts';
import { errorText } from '../../../src/runtime/error-text.ts';
import { certificatesBinding } from './certificates-binding.ts';
import { openClusterAccess } from './cluster-access.ts';
import { deployedOperator } from './deployed-operator.ts';
import { followLogs } from './follow-logs.ts';
import type { Ground, Space } from './ground.ts';
import { hostOperator } from './host-operator.ts';
import { keepArtefacts } from './keep-artefacts.ts';
import { createKubectl } from './kubectl.ts';
import { openNamespaceView } from './namespace-view.ts';
import type { OperatorControl } from './operator-control.ts';
import { readRunFacts } from './run-facts.ts';
import { slugOf } from './slug.ts';

export type E2eOptions = {
  /** How long the test may take, on a busy machine. */
  readonly minutes: number;
  /** How many namespaces it needs; 1 unless given. */
  readonly namespaces?: number;
  /** Why it cannot run here, if it cannot. */
  readonly skip?: string | undefined;
};

/** For what comes after the test itself, so that the runner never breaks that off. */
const CLEAN_UP_MINUTES = 8;
/** Pods end within their grace period of 60 s; the operator lets go at once. */
const DELETED_SECONDS_MAX = 150;

/** For clusters of a test that failed, whose operator may be what is amiss. */
const STUCK_SECONDS = 40;

/** Registers a test whose `title` tells the behaviour; `body` has a ground of its own. */
export function e2eTest(title: string, options: E2eOptions, body: (ground: Ground) => Promise<void>): void {
  const timeout = (options.minutes + CLEAN_UP_MINUTES) * 60_000;
  const skip = options.skip ?? false;
  test(title, { timeout, skip }, (t) => runOnGround(t, title, options, body));
}

async function runOnGround(
  t: TestContext,
  title: string,
  { minutes, namespaces = 1 }: E2eOptions,
  body: (ground: Ground) => Promise<void>,
): Promise<void> {
  const facts = readRunFacts();
  const name = `${TEST_PREFIX}${slugOf(title)}-${randomBytes(2).toString('hex')}`;
  const folder = join(facts.artefacts, name);
  mkdirSync(folder, { recursive: true });
  const closing = new AbortController();
  const signal = AbortSignal.any([AbortSignal.timeout(minutes * 60_000), t.signal]);
  const access = await openClusterAccess();
  const names = Array.from({ length: namespaces }, (_, index) =>
    index === 0 ? name : `${name}-${index + 1}`,
  );
  const operator = operatorFor(facts, names, folder, closing.signal);
  let ground: Ground | undefined;
  try {
    ground = await openGround({
      t,
      title,
      facts,
      names,
      folder,
      access,
      operator,
      signal,
      closing: closing.signal,
    });
    await body(ground);
    await removeClusters(ground);
    rmSync(folder, { recursive: true, force: true });
  } catch (error) {
    if (ground !== undefined) {
      await keepArtefacts(ground).catch((why: unknown) => t.diagnostic(`artefacts: ${errorText(why)}`));
    }
    t.diagnostic(`what was seen is in ${folder}`);
    throw error;
  } finally {
    await removeNamespaces(facts, names, closing.signal);
    if (facts.deployment === undefined) {
      await operator.stop();
    }
    closing.abort();
    await access.close();
  }
}

type GroundParts = Pick<Ground, 't' | 'facts' | 'folder' | 'access' | 'operator' | 'signal'> & {
  readonly title: string;
  readonly names: readonly string[];
  readonly closing: AbortSignal;
};

async function openGround(parts: GroundParts): Promise<Ground> {
  const { t, title, facts, names, folder, access, operator, signal, closing } = parts;
  const kubectl = createKubectl(facts.kubectl, undefined, signal);
  const backstage = `${names[0]}-backstage`;
  await kubectl.must(['create', '-f', '-'], { input: namespaceList(facts, names, backstage) });
  await operator.start();
  const following = AbortSignal.any([closing, signal]);
  const spaces = await Promise.all(
    names.map(async (namespace): Promise<Space> => {
      const view = await openNamespaceView(access.reader, namespace, following);
      const logs = followLogs({ access, view, folder: join(folder, namespace, 'logs'), signal: following });
      return { namespace, kubectl: createKubectl(facts.kubectl, namespace, signal), view, logs };
    }),
  );
  const [space] = spaces;
  if (space === undefined) {
    throw new Error('a test needs a namespace');
  }
  const startedMs = performance.now();
  const note = (line: string): void => {
    t.diagnostic(line);
    const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
    appendFileSync(join(facts.artefacts, 'notes.log'), `${title} [${seconds} s]: ${line}\n`);
  };
  return { t, facts, backstage, space, spaces, kubectl, access, operator, signal, folder, note };
}

function operatorFor(
  { deployment, program, image, kubectl }: RunFacts,
  namespaces: readonly string[],
  folder: string,
  signal: AbortSignal,
): OperatorControl {
  return deployment === undefined
    ? hostOperator({ program, image, namespaces, logFile: join(folder, 'operator.log') })
    : deployedOperator(createKubectl(kubectl, deployment.namespace, signal), deployment.name);
}

function namespaceList({ run, deployment }: RunFacts, names: readonly string[], backstage: string): string {
  const namespace = (name: string, level: 'restricted' | 'privileged'): unknown => ({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name, labels: { [RUN_LABEL]: run, 'pod-security.kubernetes.io/enforce': level } },
  });
  const items = [
    ...names.map((name) => namespace(name, 'restricted')),
    namespace(backstage, 'privileged'),
    ...(deployment === undefined ? [] : names.map((name) => certificatesBinding(name, deployment))),
  ];
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
}

/** The end of every test that went well: clusters go when they are told to, and volumes stay. */
async function removeClusters({ facts, spaces, note }: Ground): Promise<void> {
  if (facts.keep) {
    return;
  }
  const startedMs = performance.now();
  for (const { kubectl, view } of spaces) {
    if (view.clusters().length > 0) {
      const flags = ['--all', `--timeout=${DELETED_SECONDS_MAX}s`];
      await kubectl.must(['delete', 'etcdclusters', ...flags], { timeoutMs: DELETED_SECONDS_MAX * 1_500 });
      note(`deleted in ${((performance.now() - startedMs) / 1000).toFixed(1)} s`);
    }
  }
}

/** What is stuck loses its finalizers when the whole run has ended, which also waits for the namespaces. */
async function removeNamespaces(
  facts: RunFacts,
  names: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  if (!facts.keep) {
    const kubectl = createKubectl(facts.kubectl, undefined, signal);
    for (const name of names) {
      const flags = ['--all', '--ignore-not-found', `--timeout=${STUCK_SECONDS}s`];
      await kubectl.run(['delete', 'etcdclusters', '-n', name, ...flags], {
        timeoutMs: STUCK_SECONDS * 1_500,
      });
    }
    const all = names.flatMap((name) => [name, `${name}-backstage`]);
    await kubectl.run(['delete', 'namespaces', '--ignore-not-found', '--wait=false', ...all]);
  }
}
