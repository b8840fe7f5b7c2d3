import { createEtcd3KeyValueApi } from '../demo/etcd3-key-value-api.ts';
import type { KeyValueApi } from '../demo/key-value-api.ts';
import { createEtcd3Clients } from '../etcd/etcd3-clients.ts';
import { createEtcd3MaintenanceApi } from '../etcd/etcd3-maintenance-api.ts';
import { createEtcd3MemberApi } from '../etcd/etcd3-member-api.ts';
import type { MaintenanceApi, MemberApi } from '../etcd/member-api.ts';
import { createPeerHttp, type PeerHttp } from '../etcd/peer-http.ts';
import { createHttpClient } from '../runtime/http-client.ts';

/** The connections to one cluster under measurement: the same code for the product and for bare etcd. */
export type EtcdAccess = {
  readonly members: MemberApi;
  readonly maintenance: MaintenanceApi;
  readonly keys: KeyValueApi;
  readonly peers: PeerHttp;
  readonly close: () => Promise<void>;
};

export function openEtcdAccess(): EtcdAccess {
  const clients = createEtcd3Clients();
  const http = createHttpClient();
  return {
    members: createEtcd3MemberApi(clients),
    maintenance: createEtcd3MaintenanceApi(clients),
    keys: createEtcd3KeyValueApi(clients),
    peers: createPeerHttp(http),
    close: async () => {
      clients.close();
      await http.close();
    },
  };
}
