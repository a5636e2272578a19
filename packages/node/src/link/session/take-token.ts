import { createHash } from "node:crypto";
import type { ServerFrames } from "@yardmaster/protocol/node";
import { messageOf } from "../../config/owner-only.ts";
import type { Log } from "../../log.ts";
import type { WorkLink } from "../../work/work.types.ts";

/** Stores a new token; rejects where it cannot. */
export type StoreToken = (token: string) => Promise<void>;

/**
 * Takes a new token from the server: confirmed by its digest only when it is stored, so that the server knows
 * which of both it will see next. `store` is absent on a link in clear: no token is taken over one.
 */
export async function takeToken(
  { id, new_token }: ServerFrames["rotate_token"],
  { link, store, log }: { link: WorkLink; store: StoreToken | undefined; log: Log },
): Promise<void> {
  try {
    if (store === undefined) throw new Error("no token is taken over a link in clear");
    await store(new_token);
    const sha256 = createHash("sha256").update(new_token).digest("hex");
    link.send({ type: "rotate_ok", id, sha256 });
    log("info", "the server gave this node a new token");
  } catch (error) {
    link.send({ type: "rotate_err", id, reason: messageOf(error) });
    log("error", `a new token was not taken: ${messageOf(error)}`);
  }
}
