import { TESTED_ETCD_VERSIONS } from '../../src/model/etcd-version.ts';
import { etcdApiContract } from './etcd-api-contract.ts';
import { startRealEtcd } from './real-etcd.ts';

for (const version of TESTED_ETCD_VERSIONS) {
  etcdApiContract(`etcd ${version} behind etcd3`, (t) => startRealEtcd(t, version));
}
