import { NODE_TIMES } from "@yardmaster/protocol/node";
import type { CancelState } from "../hub.types.ts";
import type { NodeSlot } from "../link/node-slot.ts";
import type { Call } from "./call.types.ts";
import type { ExecCall } from "./exec-call.ts";

/** How long a node may take to say what it does about a cancel. */
const ACK_MS = 5_000;

/**
 * Stops a call as far as the node's client can: by a frame, out of the queue, or not at all. Then its waiter is answered
 * at once, and the shell of a base client is replaced before the next command.
 */
export function cancelCall(
  slot: NodeSlot,
  call: Call,
  {
    graceMs = NODE_TIMES.killGraceMs,
    reason = "canceled",
    actor = call.actor,
    slackMs,
  }: {
    readonly graceMs?: number | undefined;
    readonly reason?: string | undefined;
    readonly actor?: string | undefined;
    /** After the grace, before it is given up. */
    readonly slackMs: number;
  },
): Promise<CancelState> {
  if (call.isEnded) return Promise.resolve("finished");
  if (call.linkId === undefined) {
    call.abandon();
    return Promise.resolve("dequeued");
  }
  const { link } = slot;
  const isReachable = link !== undefined && link.sessionId === call.linkId && !call.isHeld;
  if (isExec(call) && isReachable && link.has("cancel")) {
    const how = { reason: reason.slice(0, 64), grace_ms: graceMs, actor } as const;
    link.urgent({ type: "cancel", id: call.id, ...how });
    call.stopping(graceMs + slackMs);
    return acknowledged(call);
  }
  if (call.kind === "exec" && link?.isSerial === true) slot.health.isSuspect = true;
  call.abandon();
  return Promise.resolve("abandoned");
}

export function isExec(call: Call): call is ExecCall {
  return call.kind === "exec" && "onAck" in call;
}

function acknowledged(call: ExecCall): Promise<CancelState> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve("signaled"), ACK_MS);
    timer.unref();
    const heard = (state: CancelState): void => {
      clearTimeout(timer);
      // It has nothing to stop, and will not say more.
      if (state === "unknown") call.abandon();
      resolve(state);
    };
    call.onAck(heard);
    // A node may end it without another word.
    call.outcome.then(
      () => heard("signaled"),
      () => heard("signaled"),
    );
  });
}
