/** The operator of one test: a process of this machine, or the one in the cluster. */

export type OperatorControl = {
  /** Starts one, unless one runs, with these flags after those it always has. */
  readonly start: (flags?: readonly string[]) => Promise<void>;
  /** Tells it to stop; resolves once none runs. */
  readonly stop: () => Promise<void>;
  /** Ends it without a word; resolves once none runs. Its Lease is held on until it has run out. */
  readonly kill: () => Promise<void>;
  /** Has it run on any node but this one, which may be pulled away. */
  readonly keepOff: (node: string) => Promise<void>;
  /** What it has logged so far, as JSON lines, all lives of it. */
  readonly log: () => Promise<string>;
  /** In a clause, what became of one that ended unasked; undefined: none did. */
  readonly accident: () => Promise<string | undefined>;
};
