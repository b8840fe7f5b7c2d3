/** Who owns an object (meta/v1 OwnerReference); the garbage collector removes it after its owner. */
export type OwnerReference = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller: boolean;
  readonly blockOwnerDeletion: boolean;
};

/** The metadata we own of an object. Without a namespace it goes where whoever applies it says. */
export type AppliedMetadata = {
  readonly name: string;
  readonly namespace?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly ownerReferences?: readonly OwnerReference[];
};

/** An object for server-side apply: it names itself and holds the fields we own, and no others. */
export type AppliedObject = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: AppliedMetadata;
};
