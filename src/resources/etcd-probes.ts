import type { EtcdVersion } from '../model/etcd-version.ts';
import type { Handler, Probe } from './container.ts';
import { PORTS } from './ports.ts';
import type { TlsMode } from './tls-mode.ts';

export type EtcdProbes = {
  readonly startupProbe: Probe;
  readonly livenessProbe: Probe;
  readonly readinessProbe: Probe;
};

/** A year of asking each second. etcd may wait long for its turn at the gate, and no probe may end that. */
const STARTUP_FAILURES_MAX = 365 * 24 * 60 * 60;

/** First patches of 3.5 with `/livez` as we need it, and with a `/readyz` that a learner fails. */
const LIVEZ_SINCE_PATCH = 12;
const LEARNER_UNREADY_SINCE_PATCH = 19;

/**
 * etcd is asked on its metrics listener, which opens at once; its client port is served only with a quorum.
 * Liveness is a local read, given 80 s: a lost quorum, an alarm or a slow disk restarts nobody. Readiness is
 * a linearizable read by a voter, so that a dead agent takes nobody out of the client Service.
 *
 * It has started once its client port is served: a member that was fed a snapshot may be a voter 7 s before
 * that, while it waits for the answer to its registration (3.5 to 3.7), and clients would be sent to it. Under TLS a
 * kubelet cannot ask for that, since it has no certificate; the agent does.
 */
export function etcdProbesOf(version: EtcdVersion, tls?: TlsMode): EtcdProbes {
  const alive = livenessOf(version, PORTS.metrics);
  const serving = tls?.client === 'tls' ? STARTED : livenessOf(version, PORTS.client);
  return {
    startupProbe: { ...serving, periodSeconds: 1, timeoutSeconds: 5, failureThreshold: STARTUP_FAILURES_MAX },
    livenessProbe: { ...alive, periodSeconds: 10, timeoutSeconds: 15, failureThreshold: 8 },
    readinessProbe: { ...readinessOf(version), periodSeconds: 1, timeoutSeconds: 2, failureThreshold: 3 },
  };
}

const STARTED: Handler = { httpGet: { path: '/started', port: PORTS.agent } };

/** Older patches have nothing to ask that never fails for the cluster's troubles; their port just opens. */
function livenessOf(version: EtcdVersion, port: number): Handler {
  return isBefore(version, LIVEZ_SINCE_PATCH)
    ? { tcpSocket: { port } }
    : { httpGet: { path: '/livez', port } };
}

/** Older patches call a learner ready; their agent knows better. */
function readinessOf(version: EtcdVersion): Handler {
  const port = isBefore(version, LEARNER_UNREADY_SINCE_PATCH) ? PORTS.agent : PORTS.metrics;
  return { httpGet: { path: '/readyz', port } };
}

function isBefore(version: EtcdVersion, patchOfMinor5: number): boolean {
  return version.minor === 5 && version.patch < patchOfMinor5;
}
