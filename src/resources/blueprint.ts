import type { EtcdClusterSpec } from '../api/etcd-cluster.ts';
import {
  DEFAULT_ETCD_VERSION,
  type EtcdVersion,
  isSupported,
  parseEtcdVersion,
  SUPPORTED_MINORS,
} from '../model/etcd-version.ts';
import { etcdOptionsText } from './etcd-options-text.ts';
import { imageReferenceOf } from './image-reference.ts';
import { type ObjectNames, objectNamesOf } from './names.ts';
import type { ResourceSettings } from './resource-settings.ts';
import type { TlsBlueprint } from './tls-mode.ts';

/** Whose objects are to be built. */
export type ClusterSource = {
  readonly name: string;
  /** Undefined for manifests that go wherever they are applied. */
  readonly namespace: string | undefined;
  /** metadata.uid of the EtcdCluster, which will own the objects; undefined where there is no operator. */
  readonly uid: string | undefined;
  readonly spec: EtcdClusterSpec;
};

/** A cluster of which every object can be built: what its author left out is filled in, the rest checked. */
export type Blueprint = {
  readonly names: ObjectNames;
  readonly namespace: string | undefined;
  readonly ownerUid: string | undefined;
  readonly spec: EtcdClusterSpec;
  readonly version: EtcdVersion;
  /** etcd's image. */
  readonly image: string;
  /** etcd's options as the agent reads them, in JSON. */
  readonly options: string;
  readonly settings: ResourceSettings;
  /** Undefined for a cluster that speaks plain text. */
  readonly tls: TlsBlueprint | undefined;
};

/** Why nothing can be built: a word for a condition, and a sentence with the remedy. */
export type Unbuildable = {
  readonly refused: 'VersionUnsupported' | 'RepositoryInvalid' | 'OptionsInvalid';
  readonly message: string;
};

const REPOSITORY_DEFAULT = 'quay.io/coreos/etcd';

/**
 * Fills in and checks what builders need. Whatever the rules of src/api say is for the caller to ask, and so is how
 * members are to speak now: a cluster may be on its way to what its spec says.
 */
export function blueprintOf(
  source: ClusterSource,
  settings: ResourceSettings,
  encryption: TlsBlueprint | 'plain',
): Blueprint | Unbuildable {
  const { spec } = source;
  const written = spec.version ?? DEFAULT_ETCD_VERSION;
  const version = parseEtcdVersion(written);
  if (version === undefined || !isSupported(version)) {
    const minors = SUPPORTED_MINORS.map((minor) => `3.${minor}`).join(', ');
    return {
      refused: 'VersionUnsupported',
      message: `spec.version is "${written}"; etcd ${minors} are supported, such as ${DEFAULT_ETCD_VERSION}.`,
    };
  }
  const image = imageReferenceOf(spec.repository ?? REPOSITORY_DEFAULT, version);
  if (typeof image !== 'string') {
    return { refused: 'RepositoryInvalid', message: `${image.refused}.` };
  }
  const options = etcdOptionsText(spec.etcd, version);
  if (typeof options !== 'string') {
    return { refused: 'OptionsInvalid', message: `${options.refused}.` };
  }
  const { name, namespace, uid: ownerUid } = source;
  return {
    names: objectNamesOf(name),
    namespace,
    ownerUid,
    spec,
    version,
    image,
    options,
    settings,
    tls: encryption === 'plain' ? undefined : encryption,
  };
}
