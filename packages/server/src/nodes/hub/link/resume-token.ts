import { createHmac, timingSafeEqual } from "node:crypto";

/** What a resume token says of the session that it was given in. */
export interface ResumeTokens {
  make(nodeId: string, epoch: number): string;
  /** The epoch of the session that it was given in; undefined where it is none of this node. */
  epochOf(nodeId: string, token: string): number | undefined;
}

const SHAPE = /^rt_(\d{1,15})_([A-Za-z0-9_-]{43})$/;

/**
 * Tokens that need no memory: the epoch, and a MAC over it and the node. With a key that outlives the process they are
 * still known after a restart of the server. Each is good for one session, since the next one has another epoch.
 */
export function createResumeTokens(key: Buffer): ResumeTokens {
  const mac = (nodeId: string, epoch: string): Buffer =>
    createHmac("sha256", key).update(`node-resume ${nodeId} ${epoch}`).digest();
  return {
    make: (nodeId, epoch) => `rt_${epoch}_${mac(nodeId, String(epoch)).toString("base64url")}`,
    epochOf(nodeId, token) {
      const [, epoch, given] = SHAPE.exec(token) ?? [];
      if (epoch === undefined || given === undefined) return undefined;
      const bytes = Buffer.from(given, "base64url");
      const expected = mac(nodeId, epoch);
      const isRight = bytes.length === expected.length && timingSafeEqual(bytes, expected);
      return isRight ? Number(epoch) : undefined;
    },
  };
}
