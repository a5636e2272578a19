import { z } from "zod";
import { parseDuration } from "../text/duration.ts";

export const MAX_NODE_PATH = 4_096;
/** Longest that a call waits for an offline node. */
export const MAX_NODE_WAIT_MS = 600_000;

export function durationIn(leastMs: number, mostMs: number, message: string) {
  return z
    .string()
    .max(50)
    .refine((text) => {
      const ms = parseDuration(text);
      return ms !== undefined && ms >= leastMs && ms <= mostMs;
    }, message);
}

export const waitSchema = durationIn(
  0,
  MAX_NODE_WAIT_MS,
  "must be a duration up to 10m, such as 30s",
);

/** Text that travels to a process: a NUL would end it early. */
export const plainText = (most: number) =>
  z
    .string()
    .max(most)
    .refine((text) => !text.includes("\0"), "must not contain NUL");

export const absolutePath = plainText(MAX_NODE_PATH)
  .min(1)
  .refine(
    (path) => path.startsWith("/") || /^[A-Za-z]:[\\/]/.test(path),
    "must be an absolute path",
  );

export const base64 = (mostBytes: number) =>
  z
    .string()
    .max(Math.ceil(mostBytes / 3) * 4)
    .regex(/^[A-Za-z0-9+/]*={0,2}$/, "must be base64")
    .refine((text) => text.length % 4 === 0, "must be base64 with its padding");
