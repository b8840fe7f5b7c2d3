import * as v from 'valibot';

const nodesSchema = v.object({
  items: v.array(
    v.object({
      status: v.object({
        images: v.optional(v.array(v.object({ names: v.optional(v.nullable(v.array(v.string()))) })), []),
      }),
    }),
  ),
});

/** Whether every node says that it has `image`, by the answer of `kubectl get nodes -o json`. */
export function isOnEveryNode(nodes: string, image: string): boolean {
  const { items } = v.parse(nodesSchema, JSON.parse(nodes));
  return (
    items.length > 0 &&
    items.every(({ status }) =>
      status.images.some(({ names }) => (names ?? []).some((name) => isNameOf(name, image))),
    )
  );
}

/** Nodes put the registry before names that have none. */
function isNameOf(name: string, image: string): boolean {
  return name === image || name.endsWith(`/${image}`);
}
