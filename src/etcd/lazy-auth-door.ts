import type { TlsMaterial } from '../runtime/tls-material.ts';
import type { AuthApi } from './auth-api.ts';

/** A member and where it is found. */
type Found = {
  /** Whose certificate it has to show. */
  readonly clientUrl: string;
  readonly dialUrl: string;
};

/**
 * Opens connections to these members, which show `identity`; whoever opens them closes them. Loads what it takes with
 * the first ones: most operators never need any.
 */
export async function openAuthDoor(
  members: readonly Found[],
  identity: TlsMaterial,
): Promise<{ readonly api: AuthApi; readonly close: () => void }> {
  const [{ createEtcd3Clients }, { createEtcd3AuthApi }] = await Promise.all([
    import('./etcd3-clients.ts'),
    import('./etcd3-auth-api.ts'),
  ]);
  const clients = createEtcd3Clients(
    async (clientUrl) => {
      const found = members.find((each) => each.clientUrl === clientUrl);
      if (found === undefined) {
        throw new Error(`nobody has said where ${clientUrl} is`);
      }
      return found.dialUrl;
    },
    () => identity,
  );
  return { api: createEtcd3AuthApi(clients), close: clients.close };
}
