/** The operator of one test: a process of this machine, or the one in the cluster. */

/** Such as `QUORATE_SIDECAR_MODE`. */
export type OperatorEnvironment = Readonly<Record<string, string>>;

export type OperatorControl = {
  /** Starts one, unless one runs, with these variables beside those it always has. */
  readonly start: (environment?: OperatorEnvironment) => Promise<void>;
  /** Tells it to stop; resolves once none runs. */
  readonly stop: () => Promise<void>;
  /** Ends it without a word; resolves once none runs. Its Lease is held on until it has run out. */
  readonly kill: () => Promise<void>;
  /** What it has logged so far, as JSON lines, all lives of it. */
  readonly log: () => Promise<string>;
  /** In a clause, what became of one that ended unasked; undefined: none did. */
  readonly accident: () => Promise<string | undefined>;
};
