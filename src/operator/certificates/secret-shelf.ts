import type { KubeObject, LiveObject } from '../../kube/kube-object.ts';
import type { RecordKeeper } from '../../kube/object-api.ts';
import { type Failure, failureText } from '../../kube/outcome.ts';
import { isOurs } from '../is-ours.ts';
import { SECRET } from '../kinds.ts';

/** Why Secrets could not be made as they are to be. */
export type Obstacle =
  /** It exists and was not made for this cluster. */
  | { readonly kind: 'name-taken'; readonly secret: string }
  /** The operator may not. */
  | { readonly kind: 'forbidden'; readonly message: string }
  /** Time may help. */
  | { readonly kind: 'failed'; readonly why: string };

/** Ends whatever needs Secrets. */
export class ObstacleError extends Error {
  readonly obstacle: Obstacle;

  constructor(obstacle: Obstacle) {
    super(obstacle.kind === 'failed' ? obstacle.why : obstacle.kind);
    this.name = 'ObstacleError';
    this.obstacle = obstacle;
  }
}

/** Anybody's Secret; undefined where there is none. @throws ObstacleError */
export async function readSecret(
  secrets: Pick<RecordKeeper, 'read'>,
  name: { readonly namespace: string; readonly name: string },
  signal: AbortSignal,
): Promise<LiveObject | undefined> {
  const outcome = await secrets.read(SECRET, name, signal);
  if (outcome.kind !== 'done' && outcome.kind !== 'not-found') {
    throw new ObstacleError(obstacleOf(outcome));
  }
  return outcome.kind === 'done' ? outcome.value : undefined;
}

/** The Secrets of one cluster, each read before it is written. */
export class SecretShelf {
  readonly #secrets: RecordKeeper;
  readonly #cluster: { readonly namespace: string; readonly name: string };

  constructor(secrets: RecordKeeper, cluster: { readonly namespace: string; readonly name: string }) {
    this.#secrets = secrets;
    this.#cluster = cluster;
  }

  /** The cluster's Secret called `name`; undefined where there is none. @throws ObstacleError */
  async read(name: string, signal: AbortSignal): Promise<LiveObject | undefined> {
    const { namespace, name: cluster } = this.#cluster;
    const secret = await readSecret(this.#secrets, { namespace, name }, signal);
    if (secret !== undefined && !isOurs(secret, cluster)) {
      throw new ObstacleError({ kind: 'name-taken', secret: name });
    }
    return secret;
  }

  /** Writes over `before` and nothing else. @throws ObstacleError */
  async write(before: LiveObject | undefined, object: KubeObject, signal: AbortSignal): Promise<void> {
    const outcome =
      before === undefined
        ? await this.#secrets.create(SECRET, object, signal)
        : await this.#secrets.update(SECRET, overwriting(before, object), signal);
    if (outcome.kind !== 'done') {
      throw new ObstacleError(obstacleOf(outcome));
    }
  }
}

function overwriting(before: LiveObject, object: KubeObject): KubeObject {
  const { uid, resourceVersion, annotations } = before.metadata;
  return {
    ...object,
    // The type of a Secret is immutable, and what others have noted on it is theirs.
    type: before['type'],
    metadata: {
      ...object.metadata,
      annotations: { ...annotations, ...object.metadata.annotations },
      uid,
      resourceVersion,
    },
  };
}

/** What a failed call means for whoever needs Secrets. */
export function obstacleOf(failure: Failure): Obstacle {
  const why = failureText(failure);
  return failure.kind === 'refused' && failure.status === 403
    ? { kind: 'forbidden', message: why }
    : { kind: 'failed', why };
}
