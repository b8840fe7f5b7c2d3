import { aFakeEtcd } from '../support/fake-etcd.ts';
import { etcdApiContract } from './etcd-api-contract.ts';

etcdApiContract('the fake etcd', async () => ({ ...aFakeEtcd(), name: 'm0' }));
