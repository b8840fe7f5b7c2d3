import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { MembershipCallCount } from '../../src/demo/membership-call-count.ts';
import { createRandom } from '../../src/demo/random.ts';
import { runTour, type StepProgress, type TourDeps } from '../../src/demo/run-tour.ts';
import type { Step } from '../../src/demo/step.ts';
import type { StepDeadline } from '../../src/demo/step-deadline.ts';
import { aDemoCluster, aHappyWriter, aServingWatch, ledBy, votersListed } from '../support/a-demo-cluster.ts';

const FORM: Step = { kind: 'form', text: 'form' };
const NOTHING: Step = { kind: 'wait', seconds: 0, text: 'wait:0' };

type Stage = {
  readonly deps: TourDeps;
  readonly progress: readonly StepProgress[];
  readonly deadlines: readonly StepDeadline[];
};

/** A tour over `serving` members of which `wanted` are wanted. */
function aTour(t: TestContext, serving: number, wanted: number): Stage {
  const watch = aServingWatch(serving);
  const { writer, ledger } = aHappyWriter(watch);
  const stop = new AbortController();
  const running = writer.run(stop.signal);
  t.after(async () => {
    stop.abort();
    await running;
  });
  const progress: StepProgress[] = [];
  const deadlines: StepDeadline[] = [];
  const cluster = aDemoCluster(wanted);
  const deps: TourDeps = {
    cluster,
    watch,
    writer,
    ledger,
    members: votersListed(() => cluster.replicas()),
    maintenance: ledBy(() => 0),
    random: createRandom(1),
    calls: new MembershipCallCount(() => performance.now()),
    nowMs: () => performance.now(),
    bornMs: performance.now() - 1_000,
    settle: false,
    afterStep: async () => undefined,
    onProgress: (_, each) => progress.push(each),
    onDeadline: (deadline) => deadlines.push(deadline),
  };
  return { deps, progress, deadlines };
}

test('a step ends when the cluster is whole and a write begun afterwards is acknowledged', async (t) => {
  const { deps, progress } = aTour(t, 3, 3);
  const [form, nothing] = await runTour([FORM, NOTHING], deps, t.signal);
  assert.deepEqual(
    [form?.step, form?.voters, form?.clusterId, form?.problem, form?.writerPaused],
    ['form', 3, 'c1', null, false],
  );
  assert.ok((form?.seconds ?? 0) >= 1, 'forming counts from the moment the cluster was wanted');
  assert.ok((nothing?.seconds ?? 9) < 1);
  assert.ok(deps.ledger.acknowledged.total >= 2);
  assert.deepEqual(
    progress.map((each) => each.kind),
    ['running', 'done', 'running', 'done'],
  );
});

test('a step counts the membership calls that agents log meanwhile', async (t) => {
  const { deps } = aTour(t, 1, 1);
  const call = (name: string): void =>
    deps.calls.noteLine({ membershipCall: name, outcome: { kind: 'done' }, durationMs: 1 });
  call('MemberAdd');
  const counting: TourDeps = {
    ...deps,
    onProgress: (index, { kind }) => {
      if (index === 1 && kind === 'running') {
        call('MemberAdd');
        call('MoveLeader');
      }
    },
  };
  const [form, nothing] = await runTour([FORM, NOTHING], counting, t.signal);
  assert.deepEqual([form?.memberCalls, form?.lastMemberCallSeconds], [0, null]);
  assert.deepEqual([nothing?.memberCalls, nothing?.memberCallsByKind], [2, { MemberAdd: 1, MoveLeader: 1 }]);
  assert.notEqual(nothing?.lastMemberCallSeconds, null);
});

test('a cluster that hibernates is whole without members, and keeps its identity', async (t) => {
  const { deps } = aTour(t, 1, 1);
  const { watch } = deps;
  const asleep: TourDeps = {
    ...deps,
    onProgress: (index, { kind }) => {
      const member = watch.board.get(0);
      if (index === 1 && kind === 'running' && member !== undefined) {
        watch.noteEvent({ ordinal: 0, podUid: member.podUid, kind: 'pod-gone', atMs: 0 });
      }
    },
  };
  const sleep: Step = { kind: 'scale', replicas: 0, text: 'hibernate' };
  const [, slept] = await runTour([FORM, sleep], asleep, t.signal);
  assert.deepEqual(
    [slept?.voters, slept?.clusterId, slept?.writerPaused, slept?.problem],
    [0, 'c1', true, null],
  );
});

test('a step that takes too long ends the tour and says what was seen', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { deps, deadlines } = aTour(t, 2, 3);
  const late: TourDeps = {
    ...deps,
    onDeadline: (deadline) => {
      deps.onDeadline(deadline);
      deadline.extend(10_000);
      setImmediate(() => t.mock.timers.tick(70_001));
    },
  };
  const reports = await runTour([FORM, NOTHING], late, t.signal);
  assert.equal(deadlines.length, 1);
  assert.equal(reports.length, 1);
  assert.equal(reports[0]?.problem, 'form: the cluster is not whole after 70 s: demo-2: there is no Pod');
  assert.equal(reports[0]?.backOffSeconds, 10);
});

test('a tour that is interrupted ends with the reason', async (t) => {
  const { deps } = aTour(t, 2, 3);
  const stop = new AbortController();
  const stopping: TourDeps = {
    ...deps,
    onProgress: () => setImmediate(() => stop.abort(new Error('Ctrl-C'))),
  };
  await assert.rejects(runTour([FORM], stopping, stop.signal), /Ctrl-C/);
});
