/** A whole tour in this process: real agent, real etcd. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { type DemoView, plainView } from '../../src/demo/demo-view.ts';
import { noPaint } from '../../src/demo/paint.ts';
import { parseSteps } from '../../src/demo/parse-steps.ts';
import { renderPicture } from '../../src/demo/picture.ts';
import type { PictureState } from '../../src/demo/picture-state.ts';
import { type DemoOptions, runDemo } from '../../src/demo/run-demo.ts';
import type { Step } from '../../src/demo/step.ts';
import { isInstallProblem } from '../../src/etcd/install/etcd-binaries.ts';
import { findEtcd } from '../../src/etcd/install/find-etcd.ts';
import { installDeps } from '../../src/etcd/install/install-deps.ts';
import { DEFAULT_ETCD_VERSION, parseEtcdVersion } from '../../src/model/etcd-version.ts';
import { temporaryFolder } from '../support/local-cluster-kit.ts';
import { BUNDLE } from '../support/run-program.ts';

async function etcdPath(t: TestContext): Promise<string> {
  const version = parseEtcdVersion(DEFAULT_ETCD_VERSION);
  assert.ok(version !== undefined);
  const found = await findEtcd(
    version,
    installDeps(process.env, () => undefined),
    t.signal,
  );
  assert.ok(!isInstallProblem(found), isInstallProblem(found) ? found.message : '');
  return found.etcd;
}

function steps(text: string): readonly Step[] {
  const parsed = parseSteps(text);
  assert.ok(!('invalid' in parsed));
  return parsed;
}

function options(t: TestContext, list: string): DemoOptions {
  return {
    folder: temporaryFolder(t),
    size: 1,
    etcdVersion: DEFAULT_ETCD_VERSION,
    steps: steps(list),
    seed: 11,
    settle: false,
    keep: false,
  };
}

test('a tour of one member ends with everything it wrote, also when it ends asleep', async (t) => {
  const lines: string[] = [];
  const plain = plainView((line) => lines.push(line), Date.now());
  let picture: (() => PictureState) | undefined;
  const view: DemoView = {
    ...plain,
    start: (state) => {
      picture = state;
    },
  };
  const report = await runDemo(
    options(t, 'form,kill:leader,hibernate'),
    { etcdPath: await etcdPath(t), agentEntry: [BUNDLE], environment: process.env, view },
    t.signal,
  );
  assert.deepEqual(report.problems, []);
  assert.deepEqual(
    report.steps.map((step) => [step.step, step.voters, step.writerPaused, step.memberCalls]),
    [
      ['form', 1, false, 0],
      ['kill:leader', 1, false, 0],
      ['hibernate', 0, true, 0],
    ],
  );
  assert.equal(report.lost, 0);
  assert.equal(report.clusterIds.length, 1);
  assert.equal(report.clusterIds[0], report.steps[2]?.clusterId);
  assert.ok(report.acknowledged > 0);
  assert.match(lines.join(''), / tour +hibernate took \d+\.\d\d s, longest write gap /);
  assert.match(lines.join(''), / demo-0 +etcd ended by SIGKILL\n/);
  const shown = picture?.();
  assert.ok(shown !== undefined);
  assert.equal(shown.clusterId, report.clusterIds[0]);
  assert.match(renderPicture(shown, { columns: 100, rows: 30 }, noPaint).join('\n'), /✓ form .*✓ hibernate/);
});

test('a tour that is interrupted leaves no process behind', async (t) => {
  const stop = new AbortController();
  const pids: string[] = [];
  const view = plainView((line) => {
    pids.push(...[...line.matchAll(/\(process (\d+)\)/g)].flatMap((match) => match[1] ?? []));
    if (pids.length === 2) {
      stop.abort(new Error('Ctrl-C'));
    }
  }, Date.now());
  const running = runDemo(
    options(t, 'form'),
    { etcdPath: await etcdPath(t), agentEntry: [BUNDLE], environment: process.env, view },
    stop.signal,
  );
  await assert.rejects(running, /Ctrl-C/);
  assert.ok(pids.length >= 2);
  for (const pid of pids) {
    assert.throws(() => process.kill(Number(pid), 0), { code: 'ESRCH' });
  }
});
