/** What somebody may do, and what somebody did, in the words of Kubernetes' RBAC. */

/** A rule of a Role or ClusterRole (rbac.authorization.k8s.io/v1), as ours are written: without wildcards. */
export type PolicyRule = {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  /** Absent: all of them. */
  readonly resourceNames?: readonly string[] | undefined;
  readonly verbs: readonly string[];
};

/** One verb on one kind of object. */
export type Permission = {
  /** Empty for the core group. */
  readonly group: string;
  /** With its subresource, such as `etcdclusters/status`. */
  readonly resource: string;
  readonly verb: string;
  /** The only objects that are meant; undefined: all. */
  readonly names: readonly string[] | undefined;
};

/** One call, as it is compared with permissions. */
export type Call = Omit<Permission, 'names'> & {
  /** Undefined for collections, and where the server makes up the name. */
  readonly name: string | undefined;
};

/** Everything that `rules` allow, one verb and one kind at a time. */
export function permissionsOf(rules: readonly PolicyRule[]): readonly Permission[] {
  return rules.flatMap(({ apiGroups, resources, verbs, resourceNames: names }) =>
    apiGroups.flatMap((group) =>
      resources.flatMap((resource) => verbs.map((verb) => ({ group, resource, verb, names }))),
    ),
  );
}

/** Such as `get statefulsets.apps`, or `update leases.coordination.k8s.io called quorate-operator`. */
export function permissionText({ group, resource, verb, names }: Permission): string {
  const kind = group === '' ? resource : `${resource}.${group}`;
  return `${verb} ${kind}${names === undefined ? '' : ` called ${names.join(' or ')}`}`;
}

/** Whether `permission` allows `call`. */
export function allows(permission: Permission, call: Call): boolean {
  const { group, resource, verb, names } = permission;
  return (
    group === call.group &&
    resource === call.resource &&
    verb === call.verb &&
    // A rule with names allows no call that names nothing (RBAC, "Referring to resources").
    (names === undefined || (call.name !== undefined && names.includes(call.name)))
  );
}
