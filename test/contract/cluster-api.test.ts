import type { TestContext } from 'node:test';
import { createHttpClusterApi } from '../../src/kube/http-cluster-api.ts';
import type { ApiFault } from '../../src/local/api-fault.ts';
import { startApiStandIn } from '../../src/local/api-stand-in.ts';
import {
  addPod,
  createApiState,
  deleteStatefulSet,
  markPodDeleted,
  putConfigMap,
  removeConfigMap,
  reportPod,
  scaleStatefulSet,
} from '../../src/local/api-state.ts';
import { createApiStore } from '../../src/local/api-store.ts';
import { formatFormationRecord } from '../../src/model/formation-record.ts';
import { createHttpClient } from '../../src/runtime/http-client.ts';
import { aManualClock } from '../support/a-clock.ts';
import { UID, unformed } from '../support/a-member-view.ts';
import { aFakeClusterApi } from '../support/fake-cluster-api.ts';
import { type ClusterUnderContract, clusterApiContract } from './cluster-api-contract.ts';

const NOW_MS = Date.UTC(2026, 0, 2, 3, 4, 5);
const RECORD = 'demo-formation';
const FAULTS: Readonly<Record<Parameters<ClusterUnderContract['fail']>[0], ApiFault>> = {
  unreachable: { kind: 'unreachable' },
  unavailable: { kind: 'status', code: 503 },
  'lose-acks': { kind: 'lose-acks' },
  'not-at-all': { kind: 'none' },
};

clusterApiContract('the agent’s HTTP calls', async (t: TestContext): Promise<ClusterUnderContract> => {
  const birth = { namespace: 'default', name: 'demo', uid: UID, replicas: 3, nowMs: NOW_MS };
  const data = { record: formatFormationRecord(unformed()) };
  const store = createApiStore(
    putConfigMap(createApiState(birth), { name: RECORD, uid: 'map-1', data }, NOW_MS),
    () => undefined,
  );
  const standIn = await startApiStandIn({ store, address: '127.0.0.1', port: 0 });
  const http = createHttpClient();
  t.after(async () => {
    await Promise.all([http.close(), standIn.close()]);
  });
  return {
    api: createHttpClusterApi({
      http,
      clock: aManualClock(),
      apiUrl: standIn.url,
      readToken: async () => undefined,
      namespace: 'default',
      statefulSet: 'demo',
      recordConfigMap: RECORD,
    }),
    scale: (replicas) => store.update((state) => scaleStatefulSet(state, replicas)),
    deleteSet: () => store.update((state) => deleteStatefulSet(state, NOW_MS)),
    removeRecord: () => store.update((state) => removeConfigMap(state, RECORD)),
    writeRecord: (record) =>
      store.update((state) => putConfigMap(state, { name: RECORD, uid: 'map-1', data: { record } }, NOW_MS)),
    recordText: () => store.read().configMaps.find(({ name }) => name === RECORD)?.data['record'],
    putPod: (name, uid, address) => {
      const ordinal = Number(name.slice(-1));
      store.update((state) => addPod(state, { name, ordinal, uid }, NOW_MS));
      if (address !== '') {
        store.update((state) => reportPod(state, uid, 'Running', address));
      }
    },
    deletePod: (uid) => store.update((state) => markPodDeleted(state, uid, 30, NOW_MS)),
    fail: (how) => standIn.setFault(FAULTS[how]),
  };
});

clusterApiContract('the fake Kubernetes', async () => aFakeClusterApi());
