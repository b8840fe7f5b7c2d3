import type { ObjectReader, ObjectWriter, RecordKeeper } from '../../kube/object-api.ts';
import type { Blueprint } from '../../resources/blueprint.ts';
import type { AppliedObjects } from '../pass/applied-objects.ts';
import type { ClusterSight } from '../pass/cluster-sight.ts';
import type { OwnWrites } from '../pass/own-writes.ts';
import type { ClusterPlan } from '../plan/cluster-plan.ts';
import type { Step } from './step.ts';

/** What the steps of a pass build on: what was looked at before the first of them, and what was planned. */
export type PassContext = {
  readonly sight: ClusterSight;
  readonly plan: ClusterPlan;
  readonly blueprint: Blueprint;
  readonly reader: Pick<ObjectReader, 'read'>;
  readonly writer: ObjectWriter;
  readonly records: RecordKeeper;
  readonly applied: AppliedObjects;
  readonly own: OwnWrites;
};

export type PassStep = Step<PassContext>;
