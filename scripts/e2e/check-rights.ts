/** Least privilege, proved by a run: what operator and agents were granted is what they used. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';
import { callsInAuditLog } from '../rights/audit-log.ts';
import { grantedIn, permissionsIn } from '../rights/granted.ts';
import { judgeRun, type OperatorRights, type RightsVerdict } from '../rights/judge-run.ts';
import { TEST_PREFIX } from './clear-namespaces.ts';
import { MANIFEST } from './install-operator.ts';
import type { DeploymentPlace } from './operator-manifest.ts';

/** Where the audit log was when the run began; what others did before is none of its business. */
export type RightsCheck = { readonly auditLog: string; readonly fromByte: number };

export function beginRightsCheck(auditLog: string): RightsCheck {
  return { auditLog, fromByte: existsSync(auditLog) ? statSync(auditLog).size : 0 };
}

/**
 * What the calls since then say. Of an operator that is no `deployment` nothing is said: it calls as whoever runs it.
 * @throws Error where there is no audit log, or something that is none
 */
export function endRightsCheck(
  { auditLog, fromByte }: RightsCheck,
  deployment: DeploymentPlace | undefined,
  isWhole: boolean,
): RightsVerdict {
  if (!existsSync(auditLog)) {
    throw new Error(`QUORATE_E2E_AUDIT_LOG names no file: ${auditLog}; is the API server told to write one?`);
  }
  const log = readFileSync(auditLog).subarray(fromByte).toString('utf8');
  return judgeRun({
    calls: callsInAuditLog(log),
    isTests: (namespace) => namespace.startsWith(TEST_PREFIX),
    operator: deployment === undefined ? undefined : operatorRights(deployment),
    isWhole,
  });
}

/** Its ServiceAccount has the Deployment's name. */
function operatorRights(deployment: DeploymentPlace): OperatorRights {
  const { namespace, name } = deployment;
  const objects = parseAllDocuments(readFileSync(MANIFEST, 'utf8')).map((each): unknown => each.toJS());
  return {
    account: `system:serviceaccount:${namespace}:${name}`,
    granted: grantedIn(objects, deployment),
    optional: permissionsIn(objects, 'ClusterRole', `${name}-secrets`),
  };
}
