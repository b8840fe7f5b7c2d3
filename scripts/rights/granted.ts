/** Who is granted what in manifests, as RBAC reads their roles and bindings. */
import * as v from 'valibot';
import { type Permission, permissionsOf } from './permission.ts';

const ruleSchema = v.object({
  apiGroups: v.array(v.string()),
  resources: v.array(v.string()),
  resourceNames: v.optional(v.array(v.string())),
  verbs: v.array(v.string()),
});
const metadataSchema = v.object({ name: v.string(), namespace: v.optional(v.string()) });
const roleSchema = v.object({
  kind: v.picklist(['Role', 'ClusterRole']),
  metadata: metadataSchema,
  rules: v.optional(v.array(ruleSchema), []),
});
const bindingSchema = v.object({
  kind: v.picklist(['RoleBinding', 'ClusterRoleBinding']),
  metadata: metadataSchema,
  roleRef: v.object({ kind: v.string(), name: v.string() }),
  subjects: v.array(v.object({ kind: v.string(), namespace: v.optional(v.string()), name: v.string() })),
});

type Role = v.InferOutput<typeof roleSchema>;
type Binding = v.InferOutput<typeof bindingSchema>;

/** What the roles among `objects` allow to the ServiceAccount of that namespace and name, wherever they are bound to it. */
export function grantedIn(
  objects: readonly unknown[],
  account: { readonly namespace: string; readonly name: string },
): readonly Permission[] {
  const bindings = objects.filter((object) => v.is(bindingSchema, object));
  const isBound = (role: Role): boolean =>
    bindings.some((binding) => isOf(binding, role) && isTo(binding, account));
  return permissionsOf(
    rolesIn(objects)
      .filter(isBound)
      .flatMap(({ rules }) => rules),
  );
}

/** What the role of this kind and name allows to whomever it is bound. */
export function permissionsIn(
  objects: readonly unknown[],
  kind: string,
  name: string,
): readonly Permission[] {
  return permissionsOf(
    rolesIn(objects)
      .filter((role) => role.kind === kind && role.metadata.name === name)
      .flatMap(({ rules }) => rules),
  );
}

function rolesIn(objects: readonly unknown[]): readonly Role[] {
  return objects.flatMap((object) => {
    const parsed = v.safeParse(roleSchema, object);
    return parsed.success ? [parsed.output] : [];
  });
}

function isOf({ roleRef, metadata }: Binding, role: Role): boolean {
  const isHere = role.kind === 'ClusterRole' || role.metadata.namespace === metadata.namespace;
  return isHere && roleRef.kind === role.kind && roleRef.name === role.metadata.name;
}

/** A subject without a namespace is one of the binding's own. */
function isTo({ subjects, metadata }: Binding, account: { namespace: string; name: string }): boolean {
  return subjects.some(
    ({ kind, namespace = metadata.namespace, name }) =>
      kind === 'ServiceAccount' && namespace === account.namespace && name === account.name,
  );
}
