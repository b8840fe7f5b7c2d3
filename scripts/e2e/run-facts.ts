import type { SecurityMode } from './e2e-settings.ts';
import type { DeploymentPlace } from './operator-manifest.ts';

/** What the tests of a run are told of it, as JSON in the file that QUORATE_E2E_RUN names. */
export type RunFacts = {
  /** Names the run; a label of all its namespaces. */
  readonly run: string;
  readonly kubectl: string;
  /** The image under test, which every node has or can pull. */
  readonly image: string;
  /** The program in that image, on this machine. */
  readonly program: string;
  /** Undefined: each test runs its own operator on this machine. */
  readonly deployment?: DeploymentPlace;
  readonly nodectl?: readonly string[];
  readonly restartApi?: readonly string[];
  /** How clusters are secured where a test does not say it itself. */
  readonly security: SecurityMode;
  readonly keep: boolean;
  /** Failed tests leave what they saw in a folder of their own in here. */
  readonly artefacts: string;
};
