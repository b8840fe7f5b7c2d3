import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { it } from 'node:test';
import { createAgentMetrics } from '../../src/agent/agent-metrics.ts';
import { openPorts } from '../../src/agent/open-ports.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { NAMES } from '../support/a-member-view.ts';
import { anAgentConfig } from '../support/an-agent-config.ts';
import { serveTcp } from '../support/http-origin.ts';
import { noCertificates } from '../support/no-certificates.ts';
import { responseTo, scriptedNameServer } from '../support/scripted-name-server.ts';

const NAME = 'demo-0.demo-peer.default.svc.cluster.local';

it('an agent dials members where its own resolver finds them, and lets go of all when it closes', async (t) => {
  const nameServer = await scriptedNameServer(t, {
    udp: (query, send) =>
      send(responseTo(query, { answers: [{ type: 'A', name: NAME, ttl: 5, data: '127.0.0.1' }] })),
  });
  const accepted = Promise.withResolvers<Socket>();
  let isAccepted = false;
  const member = new URL(
    await serveTcp(t, (socket) => {
      isAccepted = true;
      accepted.resolve(socket);
    }),
  );
  const config = anAgentConfig({
    names: { ...NAMES, hostTemplate: '{fqdn}' },
    dnsServers: [nameServer],
  });
  const ports = await openPorts(config, systemClock, createAgentMetrics(), noCertificates(), t.signal);
  // On a busy machine the first question may be given up before anybody has dialled.
  const ask = async (): Promise<string> => {
    const { kind } = await ports.maintenance.status(`http://${NAME}:${member.port}`, t.signal);
    return isAccepted ? kind : ask();
  };
  const answer = ask();
  const ended = once(await accepted.promise, 'close');
  await ports.close();
  await ended;
  assert.equal(await answer, 'unknown');
});
