/** Time as the rest of the code may read it; tests and the simulator bring their own. */
export type Clock = {
  /** Milliseconds on a monotonic clock; only differences mean anything. */
  nowMs(): number;
  /** The wall clock in RFC 3339, for people only: no rule compares it (F67). */
  timestamp(): string;
};

/** The clock of this process. */
export const systemClock: Clock = {
  nowMs: () => performance.now(),
  timestamp: () => new Date().toISOString(),
};
