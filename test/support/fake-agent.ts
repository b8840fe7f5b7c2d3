/**
 * Stands in for `quorate agent` where only what is around it is tested: it obeys the agent's contract but
 * decides nothing. It lets etcd start as a cluster of one, answers /status and /leave, and ends on SIGTERM.
 * FAKE_LEAVE=hang never answers /leave; FAKE_LINGER=yes ignores SIGTERM.
 */
import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { createServer } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

const variable = (name: string): string => process.env[name] ?? '';
const podName = variable('QUORATE_POD_NAME');
const address = variable('QUORATE_POD_IP');
const ordinal = Number(podName.slice(podName.lastIndexOf('-') + 1));
const peerUrl = `http://${address}:${variable('QUORATE_PEER_PORT')}`;
const clientUrl = `http://${address}:${variable('QUORATE_CLIENT_PORT')}`;

function log(record: Readonly<Record<string, unknown>>): void {
  process.stdout.write(`${JSON.stringify(record)}\n`);
}

const status = {
  etag: '1',
  observedAt: '2026-01-01T00:00:00Z',
  name: podName,
  ordinal,
  podUid: variable('QUORATE_POD_UID'),
  peerUrl,
  clientUrl,
  decision: {
    kind: 'settled',
    reason: 'Serving',
    message: 'all is well',
    stage: 'serving',
    since: '2026-01-01T00:00:00Z',
  },
  etcd: {
    state: 'running',
    memberId: null,
    clusterId: null,
    leaderId: null,
    isLearner: false,
    version: variable('QUORATE_ETCD_VERSION'),
    raftTerm: '1',
    raftIndex: '1',
    raftAppliedIndex: '1',
    dbSizeBytes: 0,
    errors: [],
  },
  formation: null,
  replicas: null,
  volumeId: null,
  hasData: false,
  generation: null,
  members: [],
};

const server = createServer((request, response) => {
  const { pathname, search } = new URL(request.url ?? '/', 'http://agent');
  log({ level: 30, msg: 'asked', pathname, search });
  if (pathname === '/leave') {
    if (variable('FAKE_LEAVE') !== 'hang') {
      response.end(JSON.stringify({ verdict: 'leave', reason: 'ScaledAway', message: 'left' }));
    }
    return;
  }
  response.end(JSON.stringify(status));
});

/** Answers every open of the gate with the same document, ended by `...` in case it is read again. */
async function holdGate(): Promise<void> {
  const document = [
    `name: ${podName}`,
    `data-dir: ${variable('QUORATE_VOLUME')}/data`,
    `listen-peer-urls: ${peerUrl}`,
    `initial-advertise-peer-urls: ${peerUrl}`,
    `listen-client-urls: ${clientUrl}`,
    `advertise-client-urls: ${clientUrl}`,
    `initial-cluster: ${podName}=${peerUrl}`,
    'initial-cluster-state: new',
    '...\n',
  ].join('\n');
  for (;;) {
    const gate = openIfAsked();
    if (gate !== undefined) {
      writeSync(gate, document);
      closeSync(gate);
      log({ level: 30, msg: 'gate answered' });
    }
    // The reader also needs a moment to close its end, or it would be answered again.
    await delay(20);
  }
}

/** Never blocks: a process with a thread in open(2) cannot end. */
function openIfAsked(): number | undefined {
  try {
    return openSync(variable('QUORATE_GATE'), constants.O_WRONLY | constants.O_NONBLOCK);
  } catch {
    // ENXIO: nobody has opened it for reading.
    return undefined;
  }
}

process.on('SIGTERM', () => {
  log({ level: 30, msg: 'told to end' });
  if (variable('FAKE_LINGER') !== 'yes') {
    process.exit(0);
  }
});

server.listen(Number(variable('QUORATE_AGENT_PORT')), address, () => {
  log({ level: 30, msg: 'agent started', podUid: variable('QUORATE_POD_UID') });
  void holdGate();
});
