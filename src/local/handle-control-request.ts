import { assertNever } from '../model/assert-never.ts';
import type { ClusterActions } from './cluster-actions.ts';
import type { ClusterSnapshot } from './cluster-snapshot.ts';
import type { ControlRequest } from './control-protocol.ts';

/** What a command may make a cluster do. */
export type Controlled = Pick<ClusterActions, 'scale' | 'deletePod' | 'killContainer' | 'wipeVolume'> & {
  readonly snapshot: () => Promise<ClusterSnapshot>;
  readonly stop: () => Promise<void>;
};

/** Carries out one command on `cluster`; resolves, once it is done, to what the command is told. */
export async function handleControlRequest(cluster: Controlled, request: ControlRequest): Promise<unknown> {
  switch (request.command) {
    case 'status':
      return cluster.snapshot();
    case 'scale':
      cluster.scale(request.replicas);
      return {};
    case 'kill':
      return { pid: cluster.killContainer(request.ordinal, request.container, request.signal) };
    case 'delete-pod':
      await cluster.deletePod(request.ordinal, { force: request.force });
      return {};
    case 'wipe':
      await cluster.wipeVolume(request.ordinal);
      return {};
    case 'down':
      await cluster.stop();
      return {};
    default:
      return assertNever(request);
  }
}
