/** What Kubernetes gives to the Pods of a cluster: its API and its DNS, at addresses of the cluster's own. */
import type { ClusterNames } from '../model/naming.ts';
import type { ApiFault } from './api-fault.ts';
import { type ApiStandIn, startApiStandIn } from './api-stand-in.ts';
import type { ApiStore } from './api-store.ts';
import { checkMemberPorts } from './claim-block.ts';
import { type AddressBlock, namesOf, PORTS, serviceAddressOf } from './cluster-layout.ts';
import type { DnsFault } from './dns-answer.ts';
import { type DnsServer, startDnsServer } from './dns-server.ts';
import type { PodRecord } from './dns-zone.ts';
import { addressInUse } from './listen-on.ts';

export type ClusterServices = {
  readonly names: ClusterNames;
  readonly api: ApiStandIn;
  readonly dns: DnsServer;
  readonly close: () => Promise<void>;
};

/** Faults that hold from the first moment on. */
export type InitialFaults = { readonly apiFault?: ApiFault; readonly dnsFault?: DnsFault };

/**
 * Starts both in `block`, once all ports of the members there are known to be free.
 *
 * @throws LocalClusterError `ADDRESS_IN_USE`; nothing listens then
 */
export async function startClusterServices(
  store: ApiStore,
  block: AddressBlock,
  faults: InitialFaults,
): Promise<ClusterServices> {
  await using opened = new AsyncDisposableStack();
  const address = serviceAddressOf(block);
  const { namespace, statefulSet } = store.read();
  const names = namesOf(statefulSet.name, namespace, block);
  const api = await startApiStandIn({
    store,
    address,
    port: PORTS.api,
    ...(faults.apiFault === undefined ? {} : { fault: faults.apiFault }),
  });
  opened.defer(() => api.close());
  const dns = await startDns(store, names, address);
  opened.defer(() => dns.close());
  if (faults.dnsFault !== undefined) {
    dns.setFault(faults.dnsFault);
  }
  await checkMemberPorts(block);
  const running = opened.move();
  return { names, api, dns, close: () => running.disposeAsync() };
}

/** The names of the headless Service's ports, as the manifests have them. */
const SERVICE_PORTS = [
  { name: 'peer', port: PORTS.peer },
  { name: 'client', port: PORTS.client },
] as const;

async function startDns(store: ApiStore, names: ClusterNames, address: string): Promise<DnsServer> {
  try {
    return await startDnsServer({
      records: () => podRecords(store, names),
      domain: names.clusterDomain,
      address,
      port: PORTS.dns,
      ports: SERVICE_PORTS,
    });
  } catch (error) {
    throw addressInUse(`${address}:${PORTS.dns}`, error);
  }
}

/** The Service publishes unready addresses, so a Pod is in DNS from its address on until it is gone. */
function podRecords(store: ApiStore, names: ClusterNames): readonly PodRecord[] {
  const { service, namespace } = names;
  return store
    .read()
    .pods.flatMap((pod) =>
      pod.podIp === null ? [] : [{ name: pod.name, address: pod.podIp, service, namespace }],
    );
}
