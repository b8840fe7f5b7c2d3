import { type EtcdVersion, maxLearnersOf } from '../model/etcd-version.ts';
import { type FormationRecord, formatFormationRecord } from '../model/formation-record.ts';
import type { AppliedObject } from './applied-object.ts';
import type { Blueprint } from './blueprint.ts';
import { objectMetadata } from './object-metadata.ts';

export type ConfigMap = AppliedObject & {
  readonly apiVersion: 'v1';
  readonly kind: 'ConfigMap';
  readonly data: Readonly<Record<string, string>>;
};

/** Key of etcd's options in the ConfigMap `NAME-config`. */
const OPTIONS_KEY = 'etcd-options.json';

/** Key of the record in the ConfigMap `NAME-formation`, which is the agent's word. */
const RECORD_KEY = 'record';

/** etcd's options as they are wanted, for people and tools; each Pod has those that it was made with. */
export function optionsConfigMap(blueprint: Blueprint): ConfigMap {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: objectMetadata(blueprint, blueprint.names.config),
    data: { [OPTIONS_KEY]: blueprint.options },
  };
}

/**
 * The ConfigMap that holds the formation record. It is *created*, once, and from then on the agents' alone:
 * applied again, it would take back what they wrote.
 */
export function formationConfigMap(blueprint: Blueprint, record: FormationRecord): ConfigMap {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: objectMetadata(blueprint, blueprint.names.formation),
    data: { [RECORD_KEY]: formatFormationRecord(record) },
  };
}

/**
 * The record of a cluster that was never formed; to be written only where that is certain.
 * @param clusterUid metadata.uid of the EtcdCluster, or of the StatefulSet where there is none
 */
export function unformedRecord(clusterUid: string, version: EtcdVersion): FormationRecord {
  return { phase: 'Unformed', clusterUid, generation: 1, maxLearners: maxLearnersOf(version) };
}
