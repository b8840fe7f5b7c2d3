/** Requests, beside the objects and changes of the other tables, for the rules that no schema can say. */
import { ADOPT_ANNOTATION, DISCARD_ANNOTATION, PROTECTION_ANNOTATION } from '../../src/api/annotations.ts';
import type { EtcdBackupSpec } from '../../src/api/etcd-backup.ts';
import type { EtcdClusterSpec } from '../../src/api/etcd-cluster.ts';
import type { EtcdRestoreSpec } from '../../src/api/etcd-restore.ts';
import type { KindName } from '../../src/api/kind-rules.ts';
import type { Asked } from '../../src/api/request-rule.ts';
import type { Judged } from '../../src/api/rule.ts';
import { NAMESPACE } from './rule-case.ts';

/** A request and the rule it breaks; `undefined` for one that may pass. */
export type RequestCase = {
  readonly title: string;
  readonly kind: KindName;
  readonly breaks: string | undefined;
  /** Whether only the size is said, as `kubectl scale` does. */
  readonly isScale?: boolean;
  readonly asked: Asked<EtcdClusterSpec | EtcdBackupSpec | EtcdRestoreSpec>;
};

const own = (name: string): string => `${NAMESPACE}.${name}`;
const ADOPT = { [ADOPT_ANNOTATION]: 'true' };
const BOTH = { ...ADOPT, [DISCARD_ANNOTATION]: 'true' };
const PROTECTED = { [PROTECTION_ANNOTATION]: 'true' };
const sized = (size: string): EtcdClusterSpec => ({ storage: { size } });
const backupOf = (clusterNamespace: string): EtcdBackupSpec => ({
  clusterName: 'demo',
  clusterNamespace,
  storageType: 'S3',
  s3: { bucket: 'backups' },
});
const restoreOf = (backupNamespace: string): EtcdRestoreSpec => ({
  clusterName: 'demo',
  backupName: 'nightly',
  backupNamespace,
});

export const REQUEST_CASES: readonly RequestCase[] = [
  ...requests('adopt-or-discard', [
    [annotated(BOTH), undefined, 'created with both annotations', true],
    [annotated(BOTH), annotated(ADOPT), 'given the second annotation', true],
    [annotated(ADOPT), annotated(BOTH), 'rid of one annotation', false],
    [annotated(BOTH), annotated(BOTH), 'as contradictory as it was', false],
    [annotated(ADOPT), undefined, 'created with one annotation', false],
  ]),
  ...requests('delete-protection', [
    [undefined, annotated(PROTECTED), 'deleted while it is protected', true],
    [undefined, annotated({ [PROTECTION_ANNOTATION]: 'false' }), 'deleted, its protection being off', false],
    [undefined, annotated({}), 'deleted', false],
    [annotated({}), annotated(PROTECTED), 'rid of its protection', false],
  ]),
  ...requests(
    'size-within-limit',
    [
      [cluster({ size: 7 }), undefined, 'created larger than the limit', true],
      [cluster({ size: 5 }), undefined, 'created as large as the limit', false],
      [cluster({ size: 7 }), cluster({ size: 3 }), 'grown beyond the limit', true],
      [cluster({ size: 7 }), cluster({ size: 9 }), 'made smaller, though not within the limit', false],
      [cluster({ size: 7 }), cluster({ size: 7 }), 'as large as before a lower limit', false],
    ],
    { 'max-size': '5', 'elsewhere.max-size': '1' },
  ),
  ...requests(
    'size-within-limit',
    [[cluster({}), undefined, 'larger by default than its namespace may', true]],
    {
      'max-size': '9',
      [own('max-size')]: '1',
    },
  ),
  ...requests(
    'size-within-limit',
    [[cluster({ size: 9 }), undefined, 'within its namespace’s limit', false]],
    {
      'max-size': '1',
      [own('max-size')]: '9',
    },
  ),
  ...requests(
    'size-within-limit',
    [
      [cluster({ size: 1 }), undefined, 'created under a limit that is no number', true],
      [cluster({ size: 1 }), cluster({ size: 3 }), 'made smaller under a limit that is no number', false],
    ],
    { 'max-size': 'five' },
  ),
  ...scales([
    [7, 3, 'scaled beyond the limit', 'size-within-limit'],
    [5, 3, 'scaled to the limit', undefined],
    [0, 3, 'scaled to nothing', undefined],
  ]),
  ...requests(
    'volume-size-within-limit',
    [
      [cluster({}), undefined, 'created with volumes that are too large by default', true],
      [cluster(sized('1025Mi')), undefined, 'created with volumes that are too large', true],
      [cluster(sized('1Gi')), undefined, 'created with volumes of the limit', false],
      [cluster(sized('3Gi')), cluster(sized('2Gi')), 'given volumes beyond the limit', true],
      [cluster({ ...sized('2Gi'), size: 1 }), cluster(sized('2Gi')), 'changed otherwise', false],
    ],
    { 'max-volume-size': '1Gi' },
  ),
  ...requests(
    'volume-size-within-limit',
    [[cluster({}), undefined, 'created under a limit that is no quantity', true]],
    { 'max-volume-size': 'a lot' },
  ),
  ...requests('size-within-limit', [[cluster({ size: 9 }), undefined, 'created under no limit', false]], {
    'elsewhere.max-size': '1',
  }),
  ...referring('EtcdBackup', backupOf),
  ...referring('EtcdRestore', restoreOf),
];

type Step = readonly [
  next: Judged<EtcdClusterSpec> | undefined,
  before: Judged<EtcdClusterSpec> | undefined,
  title: string,
  isBroken: boolean,
];

function requests(
  rule: string,
  steps: readonly Step[],
  limits: Readonly<Record<string, string>> = {},
): readonly RequestCase[] {
  return steps.map(([next, before, title, isBroken]) => ({
    title: `a cluster that is ${title}`,
    kind: 'EtcdCluster',
    breaks: isBroken ? rule : undefined,
    asked: { next, before, limits },
  }));
}

function scales(
  steps: readonly (readonly [next: number, before: number, title: string, breaks: string | undefined])[],
): readonly RequestCase[] {
  return steps.map(([next, before, title, breaks]) => ({
    title: `a cluster that is ${title}`,
    kind: 'EtcdCluster',
    breaks,
    isScale: true,
    asked: { next: cluster({ size: next }), before: cluster({ size: before }), limits: { 'max-size': '5' } },
  }));
}

function referring(
  kind: KindName,
  specOf: (namespace: string) => EtcdBackupSpec | EtcdRestoreSpec,
): readonly RequestCase[] {
  const metadata = { name: 'demo', namespace: NAMESPACE };
  const next = (namespace: string) => ({ metadata, spec: specOf(namespace) });
  return [
    {
      title: `an ${kind} that refers to another namespace`,
      kind,
      breaks: 'same-namespace',
      asked: { next: next('elsewhere'), before: undefined, limits: {} },
    },
    {
      title: `an ${kind} that refers to its own namespace`,
      kind,
      breaks: undefined,
      asked: { next: next(NAMESPACE), before: undefined, limits: {} },
    },
  ];
}

function cluster(spec: EtcdClusterSpec): Judged<EtcdClusterSpec> {
  return { metadata: { name: 'demo', namespace: NAMESPACE }, spec };
}

function annotated(annotations: Readonly<Record<string, string>>): Judged<EtcdClusterSpec> {
  return { metadata: { name: 'demo', namespace: NAMESPACE, annotations }, spec: {} };
}
