import type { ServerFrame, ServerFrames } from "@yardmaster/protocol/node";
import { type Ending, final } from "./ending.ts";

type Refusal = "hello_err" | "auth_err" | "rate_limit" | "bye";

/** What to do where the server does not encrypt end to end with a node that does. */
export function encryptOrNot(name: string): string {
  return `give it a token that does, on the server with yard node rotate ${name} --e2e required --no-push, and pair with it (--force), or where nothing is to be encrypted write "e2e": "off" into node.json and start the node again; where it was renamed on the server, write its new name there`;
}

const ENCRYPT =
  'write "e2e": "required" into node.json and start the node again, or give it a token that does without, on the server with yard node rotate NAME --e2e off --no-push';

/** What a frame by which a server says no means for the next dial; undefined for any other frame. */
export function endingOf(frame: ServerFrames[Refusal]): Ending;
export function endingOf(frame: ServerFrame): Ending | undefined;
export function endingOf(frame: ServerFrame): Ending | undefined {
  switch (frame.type) {
    case "hello_err":
    case "auth_err": {
      const { reason, retry_after_ms: atLeastMs, detail } = frame;
      const why = `the server refused the login: ${reason}${detail === undefined ? "" : `, ${detail}`}`;
      return endingOfRefusal(reason, why, atLeastMs === undefined ? {} : { atLeastMs });
    }
    case "rate_limit":
      return endingOfRateLimit(frame);
    case "bye":
      return endingOfBye(frame);
    default:
      return undefined;
  }
}

function endingOfRefusal(reason: string, why: string, wait: { atLeastMs?: number }): Ending {
  switch (reason) {
    case "revoked":
      return final("revoked", why);
    case "unsupported_protocol_version":
      return final("bad_version", why);
    case "name_conflict":
      return final("name_conflict", why);
    case "invalid_token":
    case "unknown_node":
      return { kind: "denied", why, ...wait };
    case "e2e_required":
      return { kind: "lost", why: `${why}; ${ENCRYPT}`, ...wait };
    case "bad_hello":
      return { kind: "lost", why, ...wait, isHelloRefused: true };
    default:
      return { kind: "lost", why, ...wait };
  }
}

/** Its window outlives the connection: coming back at once would only be cut again. */
const RATE_LIMIT_PAUSE_MS = 2_000;

function endingOfRateLimit(frame: ServerFrames["rate_limit"]): Ending {
  const why = "the server's rate limit was reached";
  return { kind: "lost", why, atLeastMs: frame.retry_after_ms ?? RATE_LIMIT_PAUSE_MS };
}

function endingOfBye({ reason, retry_after_ms }: ServerFrames["bye"]): Ending {
  if (reason === "revoked") return final("revoked", "the server said bye");
  const why = `the server said bye (${reason})`;
  return {
    kind: "lost",
    why,
    ...(retry_after_ms === undefined ? {} : { atLeastMs: retry_after_ms }),
  };
}
