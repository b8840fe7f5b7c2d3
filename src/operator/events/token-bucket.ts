/** Lets through a burst, and after it as many as flow in again. */
export type BucketRule = {
  /** What a full bucket holds. */
  readonly tokens: number;
  /** The time in which one token flows in. */
  readonly refillMs: number;
};

/** A bucket is full before its first use. */
export type Bucket = { readonly tokens: number; readonly atMs: number };

/** The bucket after a token was taken at `nowMs`; undefined if there is none. */
export function takeToken(rule: BucketRule, bucket: Bucket | undefined, nowMs: number): Bucket | undefined {
  const flowed = bucket === undefined ? rule.tokens : (nowMs - bucket.atMs) / rule.refillMs;
  const tokens = Math.min(rule.tokens, (bucket?.tokens ?? 0) + flowed);
  return tokens < 1 ? undefined : { tokens: tokens - 1, atMs: nowMs };
}
