import type { HttpAnswer } from '../runtime/http-client.ts';
import type { ApiEvent } from './api-events.ts';
import type { ContainerName } from './cluster-layout.ts';
import type { Exit } from './container.ts';

/** What happened to the containers of a Pod. */
export type PodEvent = { readonly ordinal: number; readonly podUid: string } & (
  | {
      readonly kind: 'container-started';
      readonly container: ContainerName;
      readonly pid: number;
      readonly restarts: number;
    }
  /** `pid` is null when the process could not even be started. */
  | {
      readonly kind: 'container-exited';
      readonly container: ContainerName;
      readonly pid: number | null;
      readonly exit: Exit;
    }
  /** The back-off of a container that ended too often: CrashLoopBackOff. */
  | { readonly kind: 'container-waiting'; readonly container: ContainerName; readonly delayMs: number }
  | { readonly kind: 'pre-stop-called' }
  | { readonly kind: 'pre-stop-returned'; readonly answer: HttpAnswer }
);

/** Something that happened in a local cluster. */
export type ClusterHappening =
  | ApiEvent
  | PodEvent
  /** The supervisor found and ended what a killed predecessor had left running. */
  | { readonly kind: 'orphans-ended'; readonly count: number }
  | { readonly kind: 'volume-emptied'; readonly ordinal: number }
  /** The supervisor itself failed at something and will try again. */
  | { readonly kind: 'trouble'; readonly message: string };

/** What happened and when, in milliseconds since the epoch, for the timeline. */
export type ClusterEvent = ClusterHappening & { readonly atMs: number };
