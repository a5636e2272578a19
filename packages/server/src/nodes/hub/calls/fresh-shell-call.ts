import { AppError } from "@yardmaster/protocol";
import type { ResetOutcome } from "../hub.types.ts";
import type { Call } from "./call.types.ts";
import { createCallCore } from "./call-core.ts";
import { lacking } from "./exec-frame.ts";

/** A reset of a base client, which can only be sent away to come back with a fresh shell. */
export interface FreshShellCall extends Call {
  readonly outcome: Promise<ResetOutcome>;
  /** It is back. */
  arrived(): void;
}

export function isFreshShellCall(call: Call): call is FreshShellCall {
  return "arrived" in call;
}

export function createFreshShellCall(
  deps: {
    readonly id: string;
    readonly node: string;
    readonly actor: string;
    readonly onEnded: (call: Call) => void;
  },
  session: string,
): FreshShellCall {
  const core = createCallCore<ResetOutcome>(() => deps.onEnded(call));
  const call: FreshShellCall = {
    id: deps.id,
    kind: "reset",
    actor: deps.actor,
    shell: session,
    linkId: undefined,
    isHeld: false,
    isRepeatable: false,
    lastSeq: 0,
    outcome: core.outcome,
    get isEnded() {
      return core.isEnded;
    },
    frameFor(link) {
      throw lacking(link.node.name, "reset");
    },
    sent: () => undefined,
    arm: () => undefined,
    take: () => false,
    owed: () => ({ end: false, ack: false, inputs: 0 }),
    hold: () => undefined,
    goOn: () => undefined,
    fail: core.fail,
    abandon: () => core.fail(new AppError("canceled", "The reset was canceled")),
    arrived() {
      core.end({ callId: deps.id, session, shellId: null, cwd: null, killed: 0 });
    },
  };
  return call;
}
