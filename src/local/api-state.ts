/**
 * What the stand-in for the Kubernetes API remembers: one StatefulSet, its ConfigMaps and its Pods. Pure
 * functions from state to state; one counter gives every change a larger resourceVersion, as etcd's
 * revision does in a real API server.
 */
type ObjectBase = {
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: number;
  /** RFC 3339, UTC, whole seconds, as the API server writes instants. */
  readonly createdAt: string;
};

export type StatefulSet = ObjectBase & {
  readonly generation: number;
  readonly replicas: number;
  /** Null while it is not being deleted. */
  readonly deletionTimestamp: string | null;
};

export type ConfigMap = ObjectBase & { readonly data: Readonly<Record<string, string>> };

export type Pod = ObjectBase & {
  readonly ordinal: number;
  /** Null while it is not being deleted. */
  readonly deletion: { readonly timestamp: string; readonly graceSeconds: number } | null;
  readonly phase: 'Pending' | 'Running';
  /** Null until the kubelet has taken the Pod up. */
  readonly podIp: string | null;
};

export type ApiState = {
  readonly namespace: string;
  /** The largest resourceVersion given out so far. */
  readonly resourceVersion: number;
  readonly statefulSet: StatefulSet;
  readonly configMaps: readonly ConfigMap[];
  readonly pods: readonly Pod[];
};

/** What a new cluster starts from: a StatefulSet without Pods yet, and nothing else. */
export function createApiState(birth: {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly replicas: number;
  readonly nowMs: number;
}): ApiState {
  const statefulSet: StatefulSet = {
    name: birth.name,
    uid: birth.uid,
    resourceVersion: 1,
    createdAt: rfc3339Of(birth.nowMs),
    generation: 1,
    replicas: birth.replicas,
    deletionTimestamp: null,
  };
  return { namespace: birth.namespace, resourceVersion: 1, statefulSet, configMaps: [], pods: [] };
}

/** Sets the wanted size. Equal states mean that nothing changed and no resourceVersion was used up. */
export function scaleStatefulSet(state: ApiState, replicas: number): ApiState {
  if (state.statefulSet.replicas === replicas) {
    return state;
  }
  const generation = state.statefulSet.generation + 1;
  return changed(state, (resourceVersion) => ({
    statefulSet: { ...state.statefulSet, replicas, generation, resourceVersion },
  }));
}

/** Marks the StatefulSet as being deleted; its Pods go with it (foreground deletion). */
export function deleteStatefulSet(state: ApiState, nowMs: number): ApiState {
  if (state.statefulSet.deletionTimestamp !== null) {
    return state;
  }
  return changed(state, (resourceVersion) => ({
    statefulSet: { ...state.statefulSet, deletionTimestamp: rfc3339Of(nowMs), resourceVersion },
  }));
}

/** Creates the ConfigMap, or replaces all of its data. An update that changes nothing is none. */
export function putConfigMap(
  state: ApiState,
  configMap: { readonly name: string; readonly data: ConfigMap['data']; readonly uid: string },
  nowMs: number,
): ApiState {
  const before = state.configMaps.find((each) => each.name === configMap.name);
  if (before !== undefined && isEqualData(before.data, configMap.data)) {
    return state;
  }
  const others = state.configMaps.filter((each) => each !== before);
  return changed(state, (resourceVersion) => {
    const base = before ?? { name: configMap.name, uid: configMap.uid, createdAt: rfc3339Of(nowMs) };
    return { configMaps: [...others, { ...base, data: configMap.data, resourceVersion }] };
  });
}

/** Removes the ConfigMap; nothing changes when there is none. */
export function removeConfigMap(state: ApiState, name: string): ApiState {
  return state.configMaps.some((each) => each.name === name)
    ? changed(state, () => ({ configMaps: state.configMaps.filter((each) => each.name !== name) }))
    : state;
}

/** Creates a Pod, Pending and without an address; nothing changes when its ordinal has one already. */
export function addPod(
  state: ApiState,
  pod: { readonly name: string; readonly ordinal: number; readonly uid: string },
  nowMs: number,
): ApiState {
  if (state.pods.some((each) => each.ordinal === pod.ordinal)) {
    return state;
  }
  return changed(state, (resourceVersion) => {
    const createdAt = rfc3339Of(nowMs);
    const born: Pod = { ...pod, resourceVersion, createdAt, deletion: null, phase: 'Pending', podIp: null };
    return { pods: [...state.pods, born] };
  });
}

/**
 * Marks the Pod as being deleted. As in Kubernetes the timestamp is the instant by which the Pod is to be
 * gone; the object stays until its processes are. A Pod already being deleted keeps its date.
 */
export function markPodDeleted(state: ApiState, uid: string, graceSeconds: number, nowMs: number): ApiState {
  const timestamp = rfc3339Of(nowMs + graceSeconds * 1000);
  return changePod(state, uid, (pod) =>
    pod.deletion === null ? { deletion: { timestamp, graceSeconds } } : undefined,
  );
}

/** What the kubelet reports of the Pod. */
export function reportPod(state: ApiState, uid: string, phase: Pod['phase'], podIp: string): ApiState {
  return changePod(state, uid, (pod) =>
    pod.phase === phase && pod.podIp === podIp ? undefined : { phase, podIp },
  );
}

/** Removes the Pod with this UID; a Pod of the same name with another UID stays. */
export function removePod(state: ApiState, uid: string): ApiState {
  return state.pods.some((pod) => pod.uid === uid)
    ? changed(state, () => ({ pods: state.pods.filter((pod) => pod.uid !== uid) }))
    : state;
}

/** The instant as the API server writes it. */
export function rfc3339Of(epochMs: number): string {
  return `${new Date(epochMs).toISOString().slice(0, 'YYYY-MM-DDThh:mm:ss'.length)}Z`;
}

function changePod(state: ApiState, uid: string, change: (pod: Pod) => Partial<Pod> | undefined): ApiState {
  const pod = state.pods.find((each) => each.uid === uid);
  const entries = pod === undefined ? undefined : change(pod);
  if (pod === undefined || entries === undefined) {
    return state;
  }
  return changed(state, (resourceVersion) => ({
    pods: state.pods.map((each) => (each === pod ? { ...pod, ...entries, resourceVersion } : each)),
  }));
}

function changed(state: ApiState, change: (resourceVersion: number) => Partial<ApiState>): ApiState {
  const resourceVersion = state.resourceVersion + 1;
  return { ...state, ...change(resourceVersion), resourceVersion };
}

function isEqualData(a: ConfigMap['data'], b: ConfigMap['data']): boolean {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key]);
}
