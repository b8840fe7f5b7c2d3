/**
 * The few types of Kubernetes' own API that our objects contain. What Kubernetes validates itself when the
 * object is used is passed through as it is.
 */

/**
 * A Kubernetes quantity, such as `10Gi`, `500m` or `2`.
 * @quantity
 */
export type Quantity = string | number;

/**
 * A Kubernetes object that is handed on unchanged.
 * @passThrough
 */
export type PassThrough = Readonly<Record<string, unknown>>;

/**
 * The value of a label.
 * @pattern ^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$
 * @maxLength 63
 */
export type LabelValue = string;

/**
 * Labels, or a selector by labels.
 * @maxProperties 64
 */
export type Labels = Readonly<Record<string, LabelValue>>;

/** Annotations. */
export type Annotations = Readonly<Record<string, string>>;

/** What every object of Kubernetes has; the fields that our own code and its users meet. */
export interface ObjectMeta {
  readonly name: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly generation?: number;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Annotations;
  readonly finalizers?: readonly string[];
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
}

/**
 * The name of an object: a DNS subdomain (RFC 1123), as Kubernetes wants it of Secrets, claims and most kinds. What is
 * none, such as `..`, would lead elsewhere as part of a path.
 * @pattern ^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$
 * @maxLength 253
 */
export type SubdomainName = string;

/** Names another object in the same namespace. */
export interface LocalReference {
  /** Name of the object. */
  readonly name: SubdomainName;
}

/** Labels and annotations of objects that are made from a template. */
export interface TemplateMetadata {
  /** Beside those of the operator. */
  readonly labels?: Labels;
  /** Added as they are. */
  readonly annotations?: Annotations;
}

/** Picks objects by their labels. */
export interface LabelSelector {
  /** Labels an object must have. */
  readonly matchLabels?: Labels;
  /**
   * Conditions on an object's labels; all must hold.
   * @maxItems 16
   */
  readonly matchExpressions?: readonly LabelExpression[];
}

/** One condition on an object's labels. */
export interface LabelExpression {
  /**
   * Name of the label.
   * @maxLength 317
   */
  readonly key: string;
  /** What must be true of it. */
  readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
  /**
   * The values for `In` and `NotIn`.
   * @maxItems 16
   */
  readonly values?: readonly LabelValue[];
}

/** Compute resources of a container, or of a volume. */
export interface ResourceRequirements {
  /**
   * What is reserved.
   * @maxProperties 16
   */
  readonly requests?: Readonly<Record<string, Quantity>>;
  /**
   * The most that may be used.
   * @maxProperties 16
   */
  readonly limits?: Readonly<Record<string, Quantity>>;
}

/** One variable of a container's environment. */
export interface EnvironmentVariable {
  /**
   * Its name.
   * @minLength 1
   * @maxLength 253
   */
  readonly name: string;
  /** Its value. */
  readonly value?: string;
  /** Where its value comes from, as Kubernetes has it. */
  readonly valueFrom?: PassThrough;
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
   * @minLength 1
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
   * @minimum 0
   */
  readonly observedGeneration?: number;
}
