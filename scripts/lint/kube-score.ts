import * as v from 'valibot';
import type { KubeScoreException } from './kube-score-exceptions.ts';
import { type ManifestSource, streamOf } from './manifest-source.ts';
import { runLinter } from './run-linter.ts';

/** kube-score's grades: 1 is critical, 5 a warning, 7 almost fine, 10 fine. */
const GRADE_FINE = 7;

export type Finding = {
  readonly check: string;
  /** Such as `StatefulSet/etcd (agent) CPU limit is not set`. */
  readonly text: string;
};

const reportSchema = v.nullable(
  v.array(
    v.object({
      object_name: v.string(),
      checks: v.array(
        v.object({
          check: v.object({ id: v.string() }),
          grade: v.number(),
          skipped: v.boolean(),
          comments: v.nullable(v.array(v.object({ path: v.string(), summary: v.string() }))),
        }),
      ),
    }),
  ),
);

/** What kube-score would have otherwise. `minor`: of Kubernetes. */
export async function kubeScore(
  program: string,
  source: ManifestSource,
  kubernetesVersion: string,
): Promise<readonly Finding[]> {
  const minor = kubernetesVersion.split('.').slice(0, 2).join('.');
  const args = ['score', '--kubernetes-version', minor, '--output-format', 'json', '-'];
  return findingsIn(await runLinter(program, args, streamOf(source)));
}

/** The findings in a report of kube-score (its JSON, version 2). */
export function findingsIn(report: string): readonly Finding[] {
  const objects = v.parse(v.pipe(v.string(), v.parseJson(), reportSchema), report) ?? [];
  return objects.flatMap(({ object_name, checks }) =>
    checks
      .filter(({ grade, skipped }) => !skipped && grade < GRADE_FINE)
      .flatMap(({ check, comments }) =>
        (comments ?? []).map(({ path, summary }) => ({
          check: check.id,
          text: `${titleOf(object_name)}${path === '' ? '' : ` (${path})`} ${summary}`,
        })),
      ),
  );
}

/** Those that no exception excuses; those that did are put into `used`. */
export function unexcused(
  findings: readonly Finding[],
  exceptions: readonly KubeScoreException[],
  used: Set<KubeScoreException>,
): readonly Finding[] {
  return findings.filter(({ check, text }) => {
    const excuse = exceptions.find((each) => each.check === check && each.finding.test(text));
    if (excuse !== undefined) {
      used.add(excuse);
    }
    return excuse === undefined;
  });
}

/** kube-score writes `Kind/group/version/namespace/name`, without a group `Kind/version/…`. */
function titleOf(name: string): string {
  const parts = name.split('/');
  return `${parts[0]}/${parts.at(-1)}`;
}
