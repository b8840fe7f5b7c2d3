/** Rules about where backups are stored, for whatever spec contains such a place. */
import type { BackupStore } from './backup-store.ts';
import type { Rule } from './rule.ts';

const PART_OF_TYPE = { S3: 's3', GCS: 'gcs', Azure: 'azure', Local: 'local' } as const;
const PARTS = Object.entries(PART_OF_TYPE);

const UPWARDS = '(^|/)[.][.](/|$)';

/** The rules for the store at `field` of a spec. */
export function storeRules<Spec>(
  field: string,
  storeIn: (spec: Spec) => BackupStore | undefined,
): readonly Rule<Spec>[] {
  const ofStore = (rule: StoreRule): Rule<Spec> => ({
    ...rule,
    field: rule.part === undefined ? field : `${field}.${rule.part}`,
    isKept: ({ spec }) => {
      const store = storeIn(spec);
      return store === undefined || rule.isKept(store);
    },
  });
  return STORE_RULES.map(ofStore);
}

type StoreRule = {
  readonly name: string;
  /** The part of the store it hangs on; the store itself when left out. */
  readonly part?: 's3' | 'local';
  readonly cel: string;
  readonly isKept: (store: BackupStore) => boolean;
  readonly message: string;
};

const STORE_RULES: readonly StoreRule[] = [
  {
    name: 'store-of-the-type',
    cel: PARTS.map(([type, part]) => `has(self.${part}) == (self.storageType == '${type}')`).join(' && '),
    isKept: (store) =>
      PARTS.every(([type, part]) => (store[part] !== undefined) === (store.storageType === type)),
    message:
      'storageType S3 needs s3, GCS needs gcs, Azure needs azure, Local needs local, and no other of them: add the one, remove the others',
  },
  {
    name: 'one-kind-of-credentials',
    part: 's3',
    cel: 'has(self.accessKeySecret) == has(self.secretKeySecret) && !(has(self.credentialsSecret) && has(self.accessKeySecret))',
    isKept: ({ s3 }) =>
      s3 === undefined ||
      ((s3.accessKeySecret !== undefined) === (s3.secretKeySecret !== undefined) &&
        (s3.credentialsSecret === undefined || s3.accessKeySecret === undefined)),
    message:
      "s3 takes credentialsSecret alone, or accessKeySecret and secretKeySecret together, or none of them for the Pod's own identity: remove or add what is too much or too little",
  },
  {
    name: 'path-on-the-volume',
    part: 'local',
    cel: `!has(self.path) || !self.path.matches('${UPWARDS}')`,
    isKept: ({ local }) => local?.path === undefined || !new RegExp(UPWARDS).test(local.path),
    message: 'local.path must stay on the volume: remove ".." from it',
  },
];
