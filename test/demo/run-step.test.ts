import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createRandom } from '../../src/demo/random.ts';
import { runStep, type StepDeps } from '../../src/demo/run-step.ts';
import {
  aDemoCluster,
  aHappyWriter,
  aServingWatch,
  bringUp,
  type DemoCluster,
  ledBy,
} from '../support/a-demo-cluster.ts';

type Stage = {
  readonly deps: StepDeps;
  readonly cluster: DemoCluster;
  readonly chosen: readonly number[];
};

/** Three members of which `leader` leads; `on` may answer what is done to them. */
function aStage(leader: number, on: (action: string, stage: Stage) => void = () => undefined): Stage {
  const watch = aServingWatch(3);
  const cluster = aDemoCluster(3, { on: (action) => on(action, stage) });
  const chosen: number[] = [];
  const deps: StepDeps = {
    cluster,
    watch,
    writer: aHappyWriter(watch).writer,
    maintenance: ledBy(() => leader),
    random: createRandom(1),
    untilWhole: async () => undefined,
    onChosen: (ordinal) => chosen.push(ordinal),
  };
  const stage: Stage = { deps, cluster, chosen };
  return stage;
}

const KILLED = { code: null, signal: 'SIGKILL' } as const;

test('a killed process is waited for until it is seen to have ended', async (t) => {
  const stage = aStage(1, (action, { deps }) => {
    assert.equal(action, 'kill 1 etcd SIGKILL');
    const podUid = deps.watch.board.get(1)?.podUid ?? '';
    setImmediate(() =>
      deps.watch.noteEvent({
        ordinal: 1,
        podUid,
        kind: 'container-exited',
        container: 'etcd',
        pid: 201,
        exit: KILLED,
        atMs: 0,
      }),
    );
  });
  await runStep({ kind: 'kill', container: 'etcd', who: 'leader', text: '' }, stage.deps, t.signal);
  assert.equal(stage.deps.watch.board.get(1)?.etcdPid, null);
  assert.deepEqual(stage.chosen, [1]);
});

test('a follower is never the leader', async (t) => {
  for (const leader of [0, 1, 2]) {
    const stage = aStage(leader);
    await runStep({ kind: 'wipe', who: 'follower', text: '' }, stage.deps, t.signal);
    assert.notEqual(stage.chosen[0], leader);
    assert.deepEqual(stage.cluster.done, [`wipe ${stage.chosen[0]}`]);
  }
});

test('nothing is done to anybody while nobody leads', async (t) => {
  const { deps, cluster } = aStage(8);
  await assert.rejects(
    runStep({ kind: 'delete-pod', who: 'leader', text: '' }, deps, t.signal),
    /no member says that it leads/,
  );
  assert.deepEqual(cluster.done, []);
});

test('a rolling restart goes from the highest ordinal down, the leader last, one at a time', async (t) => {
  const order: string[] = [];
  const stage = aStage(2, (action, { deps }) => {
    order.push(action);
    bringUp(deps.watch, Number(action.at(-1)));
  });
  const untilWhole = async (): Promise<void> => {
    order.push('whole');
  };
  await runStep({ kind: 'roll', text: 'roll' }, { ...stage.deps, untilWhole }, t.signal);
  assert.deepEqual(order, ['delete 1', 'whole', 'delete 0', 'whole', 'delete 2', 'whole']);
});

test('writing is paused before the members go, and wanted again with them', async (t) => {
  const paused: boolean[] = [];
  const stage = aStage(0, (_, { deps }) => paused.push(deps.writer.isPaused));
  await runStep({ kind: 'form', text: 'form' }, stage.deps, t.signal);
  await runStep({ kind: 'scale', replicas: 0, text: '' }, stage.deps, t.signal);
  assert.equal(stage.deps.writer.isPaused, true);
  await runStep({ kind: 'scale', replicas: 3, text: '' }, stage.deps, t.signal);
  assert.equal(stage.deps.writer.isPaused, false);
  assert.deepEqual(paused, [true, true]);
  assert.deepEqual(stage.cluster.done, ['scale 0', 'scale 3']);
});

test('a step that is given up does not wait for what it began', async (t: TestContext) => {
  const { deps } = aStage(0);
  const stop = new AbortController();
  const hanging: StepDeps = {
    ...deps,
    cluster: { ...deps.cluster, wipeVolume: () => new Promise<void>(() => setImmediate(() => stop.abort())) },
  };
  await assert.rejects(
    runStep({ kind: 'wipe', who: 0, text: '' }, hanging, AbortSignal.any([stop.signal, t.signal])),
    { name: 'AbortError' },
  );
});
