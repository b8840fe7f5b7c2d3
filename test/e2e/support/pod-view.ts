import * as v from 'valibot';

/** One container of a Pod, init containers included. */
export type ContainerView = {
  readonly name: string;
  /** Whether it is an init container, as native sidecars are. */
  readonly init: boolean;
  /** Without the runtime's scheme; empty before it was started. */
  readonly id: string;
  readonly image: string;
  readonly restarts: number;
  readonly ready: boolean;
  readonly state: 'running' | 'waiting' | 'terminated' | 'none';
  /** Of a wait or an end, such as `ErrImagePull`. */
  readonly reason: string;
  /** What it wrote as its last word, if it has ended. */
  readonly lastWord: string;
};

/** What tests look at in a Pod. */
export type PodView = {
  readonly name: string;
  readonly uid: string;
  readonly node: string;
  readonly phase: string;
  readonly ready: boolean;
  readonly deleting: boolean;
  /** Which template it was made of. */
  readonly revision: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly createdAt: string;
  readonly containers: readonly ContainerView[];
};

const word = v.optional(v.nullable(v.string()), '');
const containerSchema = v.object({
  name: v.string(),
  containerID: word,
  image: word,
  restartCount: v.optional(v.number(), 0),
  ready: v.optional(v.boolean(), false),
  state: v.optional(
    v.object({
      running: v.optional(v.looseObject({})),
      waiting: v.optional(v.object({ reason: word })),
      terminated: v.optional(v.object({ reason: word, message: word })),
    }),
    {},
  ),
});
const podSchema = v.object({
  metadata: v.object({
    name: v.string(),
    uid: v.string(),
    creationTimestamp: word,
    deletionTimestamp: v.optional(v.string()),
    labels: v.optional(v.record(v.string(), v.string()), {}),
  }),
  spec: v.optional(v.object({ nodeName: word }), {}),
  status: v.optional(
    v.object({
      phase: word,
      conditions: v.optional(v.array(v.object({ type: v.string(), status: v.string() })), []),
      initContainerStatuses: v.optional(v.array(containerSchema), []),
      containerStatuses: v.optional(v.array(containerSchema), []),
    }),
    {},
  ),
});

const REVISION = 'controller-revision-hash';

/** A Pod as the API server has it. @throws ValiError for something that is none */
export function podView(object: unknown): PodView {
  const { metadata, spec, status } = v.parse(podSchema, object);
  const { conditions = [], initContainerStatuses = [], containerStatuses = [] } = status;
  return {
    name: metadata.name,
    uid: metadata.uid,
    node: spec.nodeName ?? '',
    phase: status.phase ?? '',
    ready: conditions.some((each) => each.type === 'Ready' && each.status === 'True'),
    deleting: metadata.deletionTimestamp !== undefined,
    revision: metadata.labels[REVISION] ?? '',
    labels: metadata.labels,
    createdAt: metadata.creationTimestamp ?? '',
    containers: [
      ...initContainerStatuses.map((each) => containerView(each, true)),
      ...containerStatuses.map((each) => containerView(each, false)),
    ],
  };
}

function containerView(container: v.InferOutput<typeof containerSchema>, init: boolean): ContainerView {
  const { name, state, restartCount, ready } = container;
  const kind =
    state.running !== undefined
      ? 'running'
      : state.waiting !== undefined
        ? 'waiting'
        : state.terminated !== undefined
          ? 'terminated'
          : 'none';
  return {
    name,
    init,
    id: (container.containerID ?? '').replace(/^[a-z-]+:\/\//, ''),
    image: container.image ?? '',
    restarts: restartCount,
    ready,
    state: kind,
    reason: state.waiting?.reason ?? state.terminated?.reason ?? '',
    lastWord: state.terminated?.message ?? '',
  };
}
