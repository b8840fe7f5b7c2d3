/** `kill` of a container's process on its node, by a privileged Pod there: nothing of the container sees it come. */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import type { TestCluster } from './a-cluster.ts';
import { bareContainer, barePod } from './bare-pod.ts';
import { openNamespaceView } from './namespace-view.ts';
import type { ContainerView } from './pod-view.ts';

export type Strike = {
  /** RFC 3339: when the signal was sent. */
  readonly at: string;
};

const wordSchema = v.object({ pid: v.number(), at: v.string() });

/** Sends `signal` to the first process of `container` in Pod `pod`; resolves once it was sent. */
export async function strike(
  { ground, space }: TestCluster,
  pod: string,
  container: string,
  signal: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT' = 'SIGKILL',
): Promise<Strike> {
  const target = space.view.pod(pod);
  const { id } = containerOf(target?.containers ?? [], pod, container);
  const program = readFileSync(join(import.meta.dirname, 'strike-program.ts'), 'utf8');
  const name = `strike-${randomBytes(3).toString('hex')}`;
  const striker = barePod(name, {
    nodeName: target?.node,
    hostPID: true,
    tolerations: [{ operator: 'Exists' }],
    securityContext: { runAsUser: 0 },
    containers: [
      {
        ...bareContainer('strike', ground.facts.image, [
          '/usr/local/bin/node',
          '--input-type=module-typescript',
          '--eval',
          program,
        ]),
        env: [
          { name: 'CONTAINER_ID', value: id },
          { name: 'SIGNAL', value: signal },
        ],
        securityContext: { privileged: true },
      },
    ],
  });
  const closing = new AbortController();
  const following = AbortSignal.any([closing.signal, ground.signal]);
  try {
    const view = await openNamespaceView(ground.access.reader, ground.backstage, following);
    await ground.kubectl.must(['create', '-n', ground.backstage, '-f', '-'], {
      input: JSON.stringify(striker),
    });
    const ended = await view.until(`${signal} was sent to ${container} of ${pod}`, () =>
      view.pod(name)?.containers.find(({ state }) => state === 'terminated'),
    );
    return v.parse(wordSchema, JSON.parse(ended.lastWord));
  } finally {
    closing.abort();
  }
}

function containerOf(containers: readonly ContainerView[], pod: string, name: string): ContainerView {
  const found = containers.find((container) => container.name === name);
  if (found === undefined || found.state !== 'running') {
    throw new Error(
      `container ${name} of ${pod} is ${found?.state ?? 'unknown'}, so there is nothing to strike`,
    );
  }
  return found;
}
