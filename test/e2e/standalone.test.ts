/** A plain StatefulSet with agents and no operator, by the very commands its manifest names. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startWriter } from './support/a-writer.ts';
import { e2eTest } from './support/e2e-test.ts';
import { askInPlainText } from './support/etcd-ask.ts';
import { createEtcdGateway } from './support/etcd-gateway.ts';
import type { Ground } from './support/ground.ts';
import { seconds } from './support/seconds.ts';

const MANIFESTS = join(import.meta.dirname, '..', '..', 'manifests', 'standalone');
const TEMPLATE = join(MANIFESTS, 'formation.gotemplate');
const NAME = 'etcd';
/** Whatever release the manifest names. */
const AGENT_IMAGE = /image: quorate:\S+/;

e2eTest(
  'without an operator, kubectl scale statefulset grows and shrinks a cluster',
  { minutes: 8 },
  async (ground) => {
    const { kubectl } = ground.space;
    const manifest = readFileSync(join(MANIFESTS, 'etcd.yaml'), 'utf8');
    assert.match(manifest, AGENT_IMAGE);
    await kubectl.must(['apply', '-f', '-'], {
      input: manifest.replace(AGENT_IMAGE, `image: ${ground.facts.image}`),
    });
    const record = await kubectl.must(['get', 'statefulset', NAME, '-o', `go-template-file=${TEMPLATE}`]);
    await kubectl.must(['create', '-f', '-'], { input: record });
    await untilMembers(ground, 3);
    const writer = await startWriter({ ground, space: ground.space, name: NAME });
    await writer.untilMore(50);
    for (const size of [5, 3, 1, 3]) {
      await writer.section(`to ${size}`);
      const startedMs = performance.now();
      await kubectl.must(['scale', 'statefulset', NAME, `--replicas=${size}`]);
      await untilMembers(ground, size);
      ground.note(`at ${size} after ${seconds(performance.now() - startedMs)}`);
    }
    await writer.untilMore(20);
    await writer.finish();
  },
);

/** Resolves once there are exactly so many Pods, all ready, and each of them lists exactly them as voters. */
async function untilMembers({ space, access, signal }: Ground, size: number): Promise<void> {
  const wanted = Array.from({ length: size }, (_, ordinal) => `${NAME}-${ordinal}`);
  await space.view.until(`${size} Pods are ready`, () => {
    const pods = space.view.pods(NAME);
    return (
      pods.map(({ name }) => name).join() === wanted.join() &&
      pods.every(({ ready, deleting }) => ready && !deleting)
    );
  });
  const gateway = createEtcdGateway(askInPlainText(access, space.namespace, signal));
  for (const pod of wanted) {
    const { members } = await gateway.listMembers(pod);
    assert.deepEqual(members.map(({ name }) => name).toSorted(), wanted, `the member list that ${pod} has`);
    assert.ok(members.every(({ isLearner }) => !isLearner));
  }
}
