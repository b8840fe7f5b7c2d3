/**
 * The few types of Kubernetes' own API that our objects contain. What Kubernetes validates itself when the
 * object is used is passed through as it is.
 */

/**
 * A Kubernetes quantity, such as `10Gi`, `500m` or `2`.
 * @quantity
 */
export type Quantity = string | number;

/** A Kubernetes object that is handed on unchanged. @passThrough */
export type PassThrough = Readonly<Record<string, unknown>>;

/** A label or annotation map. */
export type StringMap = Readonly<Record<string, string>>;

/** Names another object in the same namespace. */
export interface LocalReference {
  /**
   * Name of the object.
   * @minLength 1
   * @maxLength 253
   */
  readonly name: string;
}

/** Compute resources of a container. */
export interface ResourceRequirements {
  /** The least the container gets. */
  readonly requests?: Readonly<Record<string, Quantity>>;
  /** The most the container may use. */
  readonly limits?: Readonly<Record<string, Quantity>>;
}

/** One observation about an object, as `kubectl wait` reads it. */
export interface Condition {
  /**
   * What is observed.
   * @minLength 1
   * @maxLength 316
   */
  readonly type: string;
  /** Whether it holds. */
  readonly status: 'True' | 'False' | 'Unknown';
  /**
   * Why, in one word.
   * @maxLength 1024
   */
  readonly reason: string;
  /**
   * Why, in a sentence: what was seen and what is done about it.
   * @maxLength 32768
   */
  readonly message: string;
  /**
   * Since when.
   * @dateTime
   */
  readonly lastTransitionTime: string;
  /**
   * The generation of the object that was observed.
   * @format int64
   */
  readonly observedGeneration?: number;
}
