import { TESTED_ETCD_VERSIONS } from '../../src/model/etcd-version.ts';
import { authApiContract } from './auth-api-contract.ts';
import { startAuthEtcd } from './auth-etcd.ts';

for (const version of TESTED_ETCD_VERSIONS) {
  authApiContract(`etcd ${version} behind etcd3`, async (t) => {
    const etcd = await startAuthEtcd(t, version);
    return { api: etcd.auth, clientUrl: etcd.clientUrl(0) };
  });
}
