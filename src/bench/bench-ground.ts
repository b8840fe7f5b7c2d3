/** What both sides of a comparison stand on. */
export type BenchGround = {
  /** A folder of the bench's own; every cluster makes its own in it. */
  readonly folder: string;
  /** Such as `3.6.16`. */
  readonly etcdVersion: string;
  /** How many learners etcd of this version may have at once. */
  readonly maxLearners: number;
  readonly etcdPath: string;
  /** See `PodTemplate`. */
  readonly agentEntry: readonly string[];
  /** What children inherit, such as PATH. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** To be put into the environment of every child that no local cluster marks itself. */
  readonly supervisorMark: string;
  /** Told in one line what goes on. */
  readonly tell: (line: string) => void;
};
