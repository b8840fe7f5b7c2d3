/** Where one test stands: its namespaces, its operator, and whom it asks. */
import type { TestContext } from 'node:test';
import type { RunFacts } from '../../../scripts/e2e/run-facts.ts';
import type { ClusterAccess } from './cluster-access.ts';
import type { LogKeeper } from './follow-logs.ts';
import type { Kubectl } from './kubectl.ts';
import type { NamespaceView } from './namespace-view.ts';
import type { OperatorControl } from './operator-control.ts';

/** One namespace of a test. */
export type Space = {
  readonly namespace: string;
  readonly kubectl: Kubectl;
  readonly view: NamespaceView;
  /** What every container of the namespace has logged, those that are gone included. */
  readonly logs: LogKeeper;
};

export type Ground = {
  readonly t: TestContext;
  readonly facts: RunFacts;
  /** Where Pods run that the test needs and that are not under test, with every privilege. */
  readonly backstage: string;
  /** The first, for tests that need one. */
  readonly space: Space;
  readonly spaces: readonly Space[];
  /** Without a namespace. */
  readonly kubectl: Kubectl;
  readonly access: ClusterAccess;
  readonly operator: OperatorControl;
  /** Fires when the test has run out of time. */
  readonly signal: AbortSignal;
  /** This test's own folder; what is in it stays if the test fails. */
  readonly folder: string;
  /** A line for people under the test's title. */
  readonly note: (line: string) => void;
};
