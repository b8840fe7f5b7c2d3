import { volumeSizeOf } from '../api/storage-rules.ts';
import type { Blueprint } from './blueprint.ts';
import { DATA_VOLUME } from './names.ts';
import { type TlsVolume, tlsVolumesOf } from './tls.ts';

/** Name of the volume in which the gate is. */
export const GATE_VOLUME = 'gate';

/** Name of the volume with what the agent needs to reach the API server. */
export const API_ACCESS_VOLUME = 'api-access';

type EmptyDir = { readonly medium?: 'Memory'; readonly sizeLimit: string };

type Projection =
  | { readonly serviceAccountToken: { readonly path: string; readonly expirationSeconds: number } }
  | {
      readonly configMap: {
        readonly name: string;
        readonly items: readonly { readonly key: string; readonly path: string }[];
      };
    };

export type Volume = { readonly name: string } & (
  | { readonly emptyDir: EmptyDir }
  | { readonly projected: { readonly sources: readonly Projection[] } }
  | TlsVolume
);

/** As long as the tokens Kubernetes mounts by itself; the kubelet renews them after four fifths of it. */
const TOKEN_SECONDS = 3607;

/** Pipes hold no bytes on the file system; the rest is for whatever is moved aside there. */
const GATE_SIZE_MAX = '1Mi';

/**
 * The volumes that every Pod brings along. Persistent data is not among them: the StatefulSet adds each
 * Pod's own claim. The token is a volume of its own, so that only the agent's container gets it.
 */
export function volumesOf(blueprint: Blueprint): readonly Volume[] {
  const { spec } = blueprint;
  const own: readonly Volume[] = [
    { name: GATE_VOLUME, emptyDir: { medium: 'Memory', sizeLimit: GATE_SIZE_MAX } },
    {
      name: API_ACCESS_VOLUME,
      projected: {
        sources: [
          { serviceAccountToken: { path: 'token', expirationSeconds: TOKEN_SECONDS } },
          // In every namespace since Kubernetes 1.20.
          { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
        ],
      },
    },
    ...tlsVolumesOf(blueprint),
  ];
  return spec.storage?.medium === 'Ephemeral'
    ? [{ name: DATA_VOLUME, emptyDir: { sizeLimit: String(volumeSizeOf(spec.storage)) } }, ...own]
    : own;
}
