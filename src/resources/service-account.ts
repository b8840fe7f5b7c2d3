import type { AppliedObject } from './applied-object.ts';
import type { Blueprint } from './blueprint.ts';
import { objectMetadata } from './object-metadata.ts';

export type ServiceAccount = AppliedObject & {
  readonly apiVersion: 'v1';
  readonly kind: 'ServiceAccount';
  readonly automountServiceAccountToken: false;
};

/** Who the agents are. Its token is given to the agent's container alone, by the Pod. */
export function serviceAccount(blueprint: Blueprint): ServiceAccount {
  return {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: objectMetadata(blueprint, blueprint.names.agent),
    automountServiceAccountToken: false,
  };
}
