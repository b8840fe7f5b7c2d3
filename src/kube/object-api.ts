/** What the operator asks Kubernetes, in our words. Every call is bounded in time and size; none throws. */
import type { KubeObject, LiveObject } from './kube-object.ts';
import type { Failure, Outcome } from './outcome.ts';
import type { ResourceType } from './resource-type.ts';

/** One object; cluster-wide ones have no namespace. */
export type ObjectName = { readonly namespace?: string | undefined; readonly name: string };

/** Which objects of a type. */
export type ObjectScope = {
  /** All namespaces unless given. */
  readonly namespace?: string | undefined;
  /** Such as `app.kubernetes.io/managed-by=quorate`. */
  readonly labelSelector?: string | undefined;
  /** Such as `involvedObject.uid=UID`; each type knows its own few fields. */
  readonly fieldSelector?: string | undefined;
};

export type PageQuery = ObjectScope & {
  /** Objects in one page. */
  readonly limit: number;
  /** The page after the one that gave this token; the first page unless given. */
  readonly continueToken?: string | undefined;
};

export type ObjectPage = {
  readonly items: readonly LiveObject[];
  /** Of the whole list, as it was when the first page was read. */
  readonly resourceVersion: string;
  /** Undefined on the last page. */
  readonly continueToken: string | undefined;
};

export type WatchQuery = ObjectScope & {
  /** Changes after this one. */
  readonly resourceVersion: string;
  /** After this time the server ends the watch. */
  readonly timeoutSeconds: number;
  /** A connection that says nothing for so long is taken for dead. */
  readonly silenceMsMax: number;
};

/** What a watch says; `ended` is always the last. */
export type WatchEvent =
  /** The server has accepted; nothing is known of any object yet. */
  | { readonly kind: 'opened' }
  | { readonly kind: 'added' | 'modified' | 'deleted'; readonly object: LiveObject }
  /** Nothing of interest happened up to this version. */
  | { readonly kind: 'bookmark'; readonly resourceVersion: string }
  | { readonly kind: 'ended'; readonly how: WatchEnd };

export type WatchEnd =
  /** The server ended it in order, as it does when the time is up. */
  | { readonly kind: 'closed' }
  /** It said something that makes no sense: what happened since is not known. */
  | { readonly kind: 'unreadable'; readonly why: string }
  | Failure;

export type ObjectReader = {
  read(type: ResourceType, name: ObjectName, signal: AbortSignal): Promise<Outcome<LiveObject>>;
  /** One page of the objects as they are now (a quorum read, not an old copy of the server's). */
  list(type: ResourceType, query: PageQuery, signal: AbortSignal): Promise<Outcome<ObjectPage>>;
  watch(type: ResourceType, query: WatchQuery, signal: AbortSignal): AsyncIterable<WatchEvent>;
};

export type RemoveOptions = {
  /** Only if it is still this object; `conflict` otherwise. */
  readonly uid?: string | undefined;
  readonly resourceVersion?: string | undefined;
  /** What becomes of what it owns (meta/v1 DeletionPropagation); the type's own default unless given. */
  readonly propagation?: 'Background' | 'Foreground' | 'Orphan' | undefined;
};

export type ObjectWriter = {
  /**
   * Server-side apply: creates the object or makes its fields so. Fields named before and no more are given
   * up; fields that others own are taken over. The object says its apiVersion, kind, name and namespace.
   */
  apply(type: ResourceType, object: KubeObject, signal: AbortSignal): Promise<Outcome<LiveObject>>;
  /** The same for the status; `not-found` if the object is gone. */
  applyStatus(type: ResourceType, object: KubeObject, signal: AbortSignal): Promise<Outcome<LiveObject>>;
  /** Asks for removal; finalizers may keep the object for a while. */
  remove(
    type: ResourceType,
    name: ObjectName,
    options: RemoveOptions,
    signal: AbortSignal,
  ): Promise<Outcome<'accepted'>>;
};

/** For small records that are written whole: Leases and Events. */
export type RecordKeeper = {
  read(type: ResourceType, name: ObjectName, signal: AbortSignal): Promise<Outcome<LiveObject>>;
  /** `conflict` with reason `AlreadyExists` if the name is taken. */
  create(type: ResourceType, object: KubeObject, signal: AbortSignal): Promise<Outcome<LiveObject>>;
  /** Replaces it; `conflict` if its resourceVersion, where one is given, is no longer the current one. */
  update(type: ResourceType, object: KubeObject, signal: AbortSignal): Promise<Outcome<LiveObject>>;
};
