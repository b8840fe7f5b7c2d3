import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { SecuritySpec } from '../../../src/api/security-spec.ts';
import { needsNoCertificates, planTls, type TlsView } from '../../../src/operator/plan/plan-tls.ts';
import { PLAIN, type TlsMode } from '../../../src/resources/tls-mode.ts';

const ON: TlsMode = { client: 'tls', peer: 'tls' };
const ON_THE_WAY: TlsMode = { client: 'both', peer: 'prepared' };

const SETTLED: Pick<TlsView, 'isSettled' | 'mayAuthBeOn' | 'haveClientsHadTime'> = {
  isSettled: true,
  mayAuthBeOn: false,
  haveClientsHadTime: true,
};
const UNSETTLED: typeof SETTLED = { ...SETTLED, isSettled: false };

/** Every mode that a settled cluster passes on its way. */
function wayOf(security: SecuritySpec, from: TlsMode, state = SETTLED): readonly TlsMode[] {
  const modes: TlsMode[] = [];
  for (let template = from; ; ) {
    const { mode } = planTls({ security, template, ...state });
    if (mode.client === template.client && mode.peer === template.peer) {
      return modes;
    }
    modes.push(mode);
    template = mode;
  }
}

describe('the way to TLS', () => {
  it('is none for a new cluster', () => {
    assert.deepEqual(planTls({ security: { tls: {} }, template: null, ...UNSETTLED }).mode, ON);
    assert.deepEqual(planTls({ security: {}, template: null, ...UNSETTLED }).mode, PLAIN);
  });

  it('leads through a state in which every member takes what those before and behind it say, and so back', () => {
    assert.deepEqual(wayOf({ tls: {} }, PLAIN), [ON_THE_WAY, ON]);
    assert.deepEqual(wayOf({ tls: { enabled: false } }, ON), [ON_THE_WAY, PLAIN]);
    assert.deepEqual(wayOf({ tls: { peerTLSEnabled: false } }, PLAIN), [
      { client: 'both', peer: 'plain' },
      { client: 'tls', peer: 'plain' },
    ]);
  });

  it('stops where it is until every member has come as far', () => {
    for (const template of [PLAIN, ON_THE_WAY, ON]) {
      for (const security of [{ tls: {} }, {}]) {
        assert.deepEqual(planTls({ security, template, ...UNSETTLED }).mode, template);
      }
    }
  });

  it('stops halfway until clients had time to move, and only there', () => {
    const early = { ...SETTLED, haveClientsHadTime: false };
    for (const security of [{ tls: {} }, {}]) {
      const { mode, isForClients } = planTls({ security, template: ON_THE_WAY, ...early });
      assert.deepEqual([mode, isForClients], [ON_THE_WAY, true]);
    }
    assert.deepEqual(wayOf({ tls: {} }, PLAIN, early), [ON_THE_WAY]);
    assert.deepEqual(wayOf({}, ON, early), [ON_THE_WAY]);
    const peersAlone = { tls: { clientTLSEnabled: false } };
    assert.deepEqual(wayOf(peersAlone, PLAIN, early), [
      { client: 'plain', peer: 'prepared' },
      { client: 'plain', peer: 'tls' },
    ]);
  });

  it('may be turned round halfway', () => {
    assert.deepEqual(wayOf({}, ON_THE_WAY), [PLAIN]);
  });

  it('does not lead away from TLS for clients while etcd may ask who they are: agents show it by certificate', () => {
    const asked = { ...SETTLED, mayAuthBeOn: true };
    assert.deepEqual(wayOf({}, ON, asked), [
      { client: 'tls', peer: 'prepared' },
      { client: 'tls', peer: 'plain' },
    ]);
    assert.deepEqual(wayOf({}, ON_THE_WAY, asked), [{ client: 'both', peer: 'plain' }]);
    assert.deepEqual(wayOf({ tls: {} }, PLAIN, asked), [ON_THE_WAY, ON]);
  });

  it('needs certificates from its first step to its last', () => {
    const needs = (security: SecuritySpec, template: TlsMode): boolean =>
      !needsNoCertificates(planTls({ security, template, ...SETTLED }));
    assert.deepEqual(
      [needs({ tls: {} }, PLAIN), needs({}, ON), needs({}, ON_THE_WAY), needs({}, PLAIN)],
      [true, true, false, false],
    );
  });
});
