import { describeBytes } from "../limits.ts";
import { storable } from "../output/capture.ts";
import type { AttemptContext } from "../runner.ts";
import type { AgentEvent } from "./agent-event.ts";
import { toldOf } from "./told.ts";

/** Tells an agent's work in the log of its attempt, up to a limit that is said there when it is hit. */
export function createTeller({
  onLog,
  now,
  limitBytes,
}: Pick<AttemptContext, "onLog"> & {
  readonly now: () => number;
  readonly limitBytes: number;
}) {
  let bytes = 0;

  return {
    tell(event: AgentEvent): void {
      const told = toldOf(event);
      if (told === undefined || bytes > limitBytes) return;
      const text = storable(`${told}\n`);
      bytes += Buffer.byteLength(text);
      const cut = `[yard] what the agent does is told no more: its log has ${describeBytes(limitBytes)} (YARD_MAX_LOG).\n`;
      void onLog({ stream: "stdout", text: bytes > limitBytes ? cut : text, at: now() });
    },
  };
}
