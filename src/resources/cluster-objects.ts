import { agentRole, agentRoleBinding } from './agent-role.ts';
import type { AppliedObject } from './applied-object.ts';
import type { Blueprint } from './blueprint.ts';
import { optionsConfigMap } from './config-map.ts';
import { disruptionBudget } from './disruption-budget.ts';
import { networkPolicy } from './network-policy.ts';
import { serviceAccount } from './service-account.ts';
import { clientService, peerService } from './services.ts';
import { type SetWish, statefulSet } from './stateful-set.ts';

/**
 * Every object of a cluster that is applied in each pass, in an order in which nothing misses another: the
 * StatefulSet is last. The formation record is not among them (see `formationConfigMap`).
 */
export function clusterObjects(blueprint: Blueprint, wish: SetWish): readonly AppliedObject[] {
  return [
    serviceAccount(blueprint),
    agentRole(blueprint),
    agentRoleBinding(blueprint),
    // Without an operator nobody would keep it true.
    ...(blueprint.ownerUid === undefined ? [] : [optionsConfigMap(blueprint)]),
    peerService(blueprint),
    clientService(blueprint),
    disruptionBudget(blueprint),
    ...(wantsNetworkPolicy(blueprint) ? [networkPolicy(blueprint)] : []),
    statefulSet(blueprint, wish),
  ];
}

/** Objects that exist for some clusters and not for this one: to be deleted where they are ours. */
export function surplusObjects(blueprint: Blueprint): readonly AppliedObject[] {
  return wantsNetworkPolicy(blueprint) ? [] : [networkPolicy(blueprint)];
}

function wantsNetworkPolicy({ spec }: Blueprint): boolean {
  return spec.security?.networkPolicy === true;
}
