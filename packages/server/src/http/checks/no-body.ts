import { AppError } from "@yardmaster/protocol";
import type { Route } from "../route.ts";

/** Some clients send this with every POST. */
const EMPTY_OBJECT = /^\s*\{\s*\}\s*$/;
/** Nothing longer is looked at. */
const MOST_EMPTY_BYTES = 64;

/** Refuses what a POST without a body of its own was sent all the same: its sender believes that it says something. */
export function checkNoBody({ method, path }: Route, sent: Buffer): void {
  if (method !== "POST" || sent.length === 0) return;
  if (sent.length <= MOST_EMPTY_BYTES && EMPTY_OBJECT.test(sent.toString("latin1"))) return;
  throw new AppError(
    "invalid_request",
    `${method} ${path} takes no body: leave it out, or send {}`,
  );
}
