/**
 * When a container that exited is started again, pure; as the kubelet does it (Kubernetes 1.36:
 * pkg/kubelet/kubelet.go `initialCrashLoopBackOff`, `MaxContainerBackOff` and the 600 s rule,
 * kuberuntime_manager.go `doBackOff`, client-go util/flowcontrol/backoff.go). The first restart comes at
 * once; each further one waits twice as long as the one before, counted from the exit and up to a limit;
 * without jitter; whatever the exit code; for each container of each Pod UID on its own. All is forgiven
 * ten minutes after the last restart, whether the container still runs by then or waits.
 */
export type BackOffRule = {
  readonly firstMs: number;
  readonly maxMs: number;
  readonly forgivenAfterMs: number;
};

export const KUBELET_BACK_OFF: BackOffRule = {
  firstMs: 10_000,
  maxMs: 300_000,
  forgivenAfterMs: 600_000,
};

/** What is remembered of a container's restarts; undefined before the first one. */
export type BackOff = {
  /** How long the next restart has to wait after the exit. */
  readonly waitMs: number;
  /** When the container was last restarted, in milliseconds of a monotonic clock. */
  readonly restartedAtMs: number;
};

/** How long after its exit at `exitedAtMs` the container stays down. */
export function restartDelayMs(
  backOff: BackOff | undefined,
  exitedAtMs: number,
  rule: BackOffRule = KUBELET_BACK_OFF,
): number {
  if (backOff === undefined) {
    return 0;
  }
  const untilForgivenMs = backOff.restartedAtMs + rule.forgivenAfterMs - exitedAtMs;
  return Math.max(0, Math.min(backOff.waitMs, untilForgivenMs));
}

/** What is remembered once the container is restarted at `nowMs`. */
export function afterRestart(
  backOff: BackOff | undefined,
  nowMs: number,
  rule: BackOffRule = KUBELET_BACK_OFF,
): BackOff {
  const isForgiven = backOff === undefined || nowMs - backOff.restartedAtMs >= rule.forgivenAfterMs;
  const waitMs = isForgiven ? rule.firstMs : Math.min(backOff.waitMs * 2, rule.maxMs);
  return { waitMs, restartedAtMs: nowMs };
}
