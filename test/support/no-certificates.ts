import { MemberCertificates } from '../../src/agent/certificates/member-certificates.ts';
import { aManualClock } from './a-clock.ts';
import { anAgentConfig } from './an-agent-config.ts';
import { captureLog } from './captured-log.ts';

/** Those of a member that encrypts nothing. */
export function noCertificates(): MemberCertificates {
  return new MemberCertificates({
    settings: anAgentConfig().tls,
    notePath: '/nowhere/started.json',
    clock: aManualClock(),
    logger: captureLog().logger,
    onChange: () => undefined,
  });
}
