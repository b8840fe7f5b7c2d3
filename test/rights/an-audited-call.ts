import type { AuditedCall } from '../../scripts/rights/audit-log.ts';

export const OPERATOR = 'system:serviceaccount:quorate-system:quorate-operator';

/** A call of the operator's that was allowed, unless said otherwise. */
export function anAuditedCall(fields: Partial<AuditedCall> = {}): AuditedCall {
  return {
    account: OPERATOR,
    group: '',
    resource: 'pods',
    verb: 'list',
    namespace: undefined,
    name: undefined,
    isAllowed: true,
    ...fields,
  };
}
