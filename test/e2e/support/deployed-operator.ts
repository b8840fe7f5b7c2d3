import * as v from 'valibot';
import type { Kubectl } from './kubectl.ts';
import type { OperatorControl } from './operator-control.ts';

const SCALED_SECONDS_MAX = 120;
const SELECTOR = 'app.kubernetes.io/component=operator';

/** The operator's own arguments. */
const ARGS_PATH = '/spec/template/spec/containers/0/args';
const ARGS = ['-o', 'jsonpath={.spec.template.spec.containers[0].args}'];
const argsSchema = v.array(v.string());

const podsSchema = v.object({
  items: v.array(
    v.object({
      metadata: v.object({ name: v.string() }),
      status: v.object({
        containerStatuses: v.optional(
          v.array(
            v.object({
              restartCount: v.number(),
              lastState: v.optional(
                v.object({
                  terminated: v.optional(
                    v.object({ reason: v.optional(v.string(), ''), exitCode: v.number() }),
                  ),
                }),
                {},
              ),
            }),
          ),
          [],
        ),
      }),
    }),
  ),
});

/**
 * The operator in the cluster, which all tests share: only tests that run alone may stop it. `kubectl` works in its
 * namespace.
 */
export function deployedOperator(kubectl: Kubectl, deployment: string): OperatorControl {
  let earlier = '';
  let earlierAccident: string | undefined;
  let usual: readonly string[] | undefined;
  const accident = async (): Promise<string | undefined> => {
    const { items } = v.parse(
      podsSchema,
      JSON.parse(await kubectl.must(['get', 'pods', '-l', SELECTOR, '-o', 'json'])),
    );
    const restarted = items
      .flatMap(({ status }) => status.containerStatuses)
      .find((each) => each.restartCount > 0);
    if (restarted === undefined) {
      return earlierAccident;
    }
    const { reason = 'for no reason that is known', exitCode = '-' } = restarted.lastState.terminated ?? {};
    return `its container was restarted ${restarted.restartCount} times; the last one ended with ${exitCode} (${reason})`;
  };
  const log = async (): Promise<string> => {
    const flags = ['-l', SELECTOR, '--tail=-1'];
    const before = await kubectl.run(['logs', ...flags, '--previous']);
    const { stdout } = await kubectl.run(['logs', ...flags]);
    return `${earlier}${before.code === 0 ? before.stdout : ''}${stdout}`;
  };
  const scale = (replicas: number): Promise<string> =>
    kubectl.must(['scale', `deployment/${deployment}`, `--replicas=${replicas}`]);
  const end = async (graceSeconds: number): Promise<void> => {
    earlier = await log();
    earlierAccident = await accident();
    await scale(0);
    const flags = [
      `--grace-period=${graceSeconds}`,
      '--ignore-not-found',
      `--timeout=${SCALED_SECONDS_MAX}s`,
    ];
    await kubectl.must(['delete', 'pods', '-l', SELECTOR, ...flags], {
      timeoutMs: SCALED_SECONDS_MAX * 1_500,
    });
  };
  const give = async (flags: readonly string[]): Promise<void> => {
    usual ??= v.parse(
      argsSchema,
      JSON.parse(await kubectl.must(['get', `deployment/${deployment}`, ...ARGS])),
    );
    // Of an option that is given twice, the last counts.
    const patch = [{ op: 'replace', path: ARGS_PATH, value: [...usual, ...flags] }];
    await kubectl.must(['patch', `deployment/${deployment}`, '--type=json', '-p', JSON.stringify(patch)]);
  };
  const start = async (flags: readonly string[] = []): Promise<void> => {
    await give(flags);
    await scale(1);
    const wait = [`--timeout=${SCALED_SECONDS_MAX}s`];
    await kubectl.must(['rollout', 'status', `deployment/${deployment}`, ...wait], {
      timeoutMs: SCALED_SECONDS_MAX * 1_500,
    });
  };
  return {
    start,
    keepOff: async (node) => {
      await kubectl.must(['cordon', node]);
      try {
        await end(30);
        await start();
      } finally {
        await kubectl.must(['uncordon', node]);
      }
    },
    stop: () => end(30),
    // The shortest that the kubelet still carries out before the Pod is gone from the API.
    kill: () => end(1),
    log,
    accident,
  };
}
