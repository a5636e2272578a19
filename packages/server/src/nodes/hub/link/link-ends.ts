import { AppError } from "@yardmaster/protocol";
import { CLOSE } from "@yardmaster/protocol/node";
import type { LinkEnd } from "./link.types.ts";

/*
 * Every way in which a link ends, with its close code and what its calls fail with. Nothing else closes a link.
 */

function disconnected(why: string) {
  return (node: string): AppError =>
    new AppError(
      "node_disconnected",
      `Node ${node} ${why} before the call had ended. Whether it ran is not known; look at the node before you repeat it`,
    );
}

/** The socket ended by itself, or the node closed it. */
export function lostEnd(code: number): LinkEnd {
  if (code === CLOSE.too_big) return TOO_BIG;
  const sentence =
    code === CLOSE.normal ? "The node closed its connection" : "The connection was lost";
  return {
    code,
    reason: "lost",
    sentence,
    error: disconnected("lost its connection"),
    mayResume: true,
  };
}

const TOO_BIG: LinkEnd = {
  code: CLOSE.too_big,
  reason: "refused",
  sentence: "The node sent a message over the limit for one",
  error: (node) =>
    new AppError(
      "frame_too_large",
      `Node ${node} sent an answer over the limit for one message, and was cut off. Ask for less at once`,
    ),
  mayResume: false,
};

export const STALE: LinkEnd = {
  code: CLOSE.stale,
  reason: "stale",
  sentence: "Nothing came from the node any more",
  error: disconnected("fell silent"),
  mayResume: true,
};

export const FLOODED: LinkEnd = {
  code: CLOSE.rate_limit,
  reason: "refused",
  sentence: "The node sent more messages than its rate limit allows",
  error: disconnected("was cut off for flooding"),
  mayResume: true,
};

export const BAD_FRAMES: LinkEnd = {
  code: CLOSE.bad_frames,
  reason: "refused",
  sentence: "The node sent too many messages that are none of the protocol",
  error: disconnected("was cut off for what it sent"),
  mayResume: true,
};

export function breachEnd(what: string): LinkEnd {
  return {
    code: CLOSE.bad_frames,
    reason: "refused",
    sentence: `End-to-end encryption was broken (${what}): somebody may stand between server and node`,
    error: disconnected("broke its encryption"),
    mayResume: false,
  };
}

export const REPLACED: LinkEnd = {
  code: CLOSE.superseded,
  reason: "replaced",
  sentence: "A newer connection of the node took its place",
  error: (node) =>
    new AppError(
      "connection_replaced",
      `Another connection took the place of that of node ${node} before the call had ended. Whether it ran is not known`,
    ),
  mayResume: true,
};

export const REVOKED: LinkEnd = {
  code: CLOSE.revoked,
  reason: "revoked",
  sentence: "The node was revoked",
  error: (node) =>
    new AppError("node_revoked", `Node ${node} was revoked; its token is not valid any more`),
  mayResume: false,
};

/** After a goodbye, when all is done or its time is over. `said` is the node's reason. */
export function goodbyeEnd(said: string): LinkEnd {
  return {
    code: CLOSE.normal,
    reason: "bye",
    sentence: said === "node_shutdown" ? "It was stopped on its machine" : "The node said goodbye",
    error: disconnected("said goodbye"),
    mayResume: false,
  };
}

export const STOPPED: LinkEnd = {
  code: CLOSE.normal,
  reason: "stopping",
  sentence: "The server stopped",
  error: disconnected("was left, since the server stopped,"),
  mayResume: false,
};

export const STOPPED_HARD: LinkEnd = { ...STOPPED, code: CLOSE.server_shutdown };

/** Sent away to come back with a fresh shell, or with fresh keys. */
export function recycledEnd(sentence: string): LinkEnd {
  return {
    code: CLOSE.normal,
    reason: "lost",
    sentence,
    error: disconnected("was sent away to come back fresh"),
    mayResume: true,
  };
}
