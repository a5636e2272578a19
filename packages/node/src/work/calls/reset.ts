import type { OutgoingNodeFrame, ServerFrames } from "@yardmaster/protocol/node";
import type { Outbox } from "../outbox.ts";
import { codeOf } from "../refusal.ts";
import { noRoomFor, type Sessions } from "../shell/sessions.ts";
import type { WorkDeps, WorkOptions } from "../work.types.ts";
import { createOneAnswer } from "./one-answer.ts";
import type { Memory, Remembered } from "./remembered.ts";

export interface ResetDeps extends Pick<WorkDeps, "audit"> {
  readonly outbox: Outbox;
  readonly memory: Memory<Remembered>;
  readonly sessions: Sessions;
  /** The calls of a session end with its shell. */
  readonly loseSession: (name: string) => void;
  readonly allow: WorkOptions["allow"];
}

type ResetFrame = ServerFrames["reset"];

/** At once. Each looks through all processes of the machine: thousands would leave no time for anything else. */
const RESETS_MOST = 16;

/** Kills all that a session has started, and gives it a fresh shell in the start folder. */
export function createReset(deps: ResetDeps): (frame: ResetFrame) => void {
  const { outbox, memory, sessions } = deps;
  let resetting = 0;

  const carryOut = async ({ id, session: name }: ResetFrame): Promise<OutgoingNodeFrame> => {
    const refuse = (error: string, error_detail: string): OutgoingNodeFrame => ({
      type: "reset_result",
      id,
      status: "error",
      session: name,
      error,
      error_detail,
    });
    if (!deps.allow.exec) {
      return refuse("command_not_allowed", "the node's owner does not allow commands");
    }
    if (resetting >= RESETS_MOST)
      return refuse("busy", `${RESETS_MOST} shells are being started anew: try again later`);
    const session = sessions.open(name);
    if (session === undefined) return refuse("busy", noRoomFor(name));
    const release = sessions.occupy(name);
    resetting += 1;
    try {
      deps.loseSession(name);
      const { shellId, cwd, killed } = await session.reset();
      return {
        type: "reset_result",
        id,
        status: "ok",
        session: name,
        shell_id: shellId,
        cwd,
        killed,
      };
    } catch (error) {
      return refuse("internal_error", `the shell cannot be started anew (${codeOf(error)})`);
    } finally {
      resetting -= 1;
      release();
    }
  };

  return (frame) => {
    const known = memory.get(frame.id);
    if (known !== undefined) return known.goOn(0);
    const session_id = outbox.sessionId();
    const { id: request_id, actor } = frame;
    const note = { action: "reset", request_id, actor, session_id } as const;
    deps.audit({ ...note, phase: "begin", details: { session: frame.session } });
    const startedMs = performance.now();
    const call = createOneAnswer(frame.id, outbox, (done) => {
      void carryOut(frame).then((answer) => {
        const status = "status" in answer ? answer.status : "error";
        const duration_ms = Math.round(performance.now() - startedMs);
        deps.audit({ ...note, phase: "end", status, duration_ms });
        done(answer);
      });
    });
    memory.add(call);
    call.goOn(0);
  };
}
