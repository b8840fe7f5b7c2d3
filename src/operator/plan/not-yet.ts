import type { EtcdClusterSpec } from '../../api/etcd-cluster.ts';

/** Fields that this release knows and does not carry out, and that harm nobody by waiting. */
const WAITING_FIELDS: readonly {
  readonly field: string;
  readonly isAsked: (spec: EtcdClusterSpec) => boolean;
}[] = [
  {
    field: 'spec.maintenance.defrag.schedule',
    isAsked: ({ maintenance }) => maintenance?.defrag?.schedule !== undefined,
  },
  { field: 'spec.recovery', isAsked: ({ recovery }) => recovery !== undefined },
];

/** What the spec asks for in vain, in a sentence; undefined when all of it is carried out. */
export function askedInVain(spec: EtcdClusterSpec): string | undefined {
  const fields = WAITING_FIELDS.filter(({ isAsked }) => isAsked(spec)).map(({ field }) => field);
  return fields.length === 0
    ? undefined
    : `This release does not carry out ${fields.join(' and ')} yet; nothing is done for ${fields.length === 1 ? 'it' : 'them'}.`;
}
