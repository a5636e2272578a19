/** How many calls one caller may ask of one node: a bucket of a second's worth that fills all the time. */
export interface CallRate {
  /** Milliseconds after which to try again, or 0. */
  take(caller: string, nodeId: string, nowMs: number): number;
  forget(nowMs: number): void;
}

interface Bucket {
  tokens: number;
  atMs: number;
}

export function createCallRate(perSecond: number): CallRate {
  const buckets = new Map<string, Bucket>();
  return {
    take(caller, nodeId, nowMs) {
      if (perSecond === 0) return 0;
      const key = `${nodeId} ${caller}`;
      const bucket = buckets.get(key) ?? { tokens: perSecond, atMs: nowMs };
      buckets.set(key, bucket);
      const refilled = bucket.tokens + ((nowMs - bucket.atMs) * perSecond) / 1_000;
      bucket.tokens = Math.min(perSecond, refilled);
      bucket.atMs = nowMs;
      if (bucket.tokens < 1) return Math.ceil(((1 - bucket.tokens) * 1_000) / perSecond);
      bucket.tokens--;
      return 0;
    },
    forget(nowMs) {
      for (const [key, bucket] of buckets) if (nowMs - bucket.atMs > 1_000) buckets.delete(key);
    },
  };
}
