import type { Json, WorkError } from "@yardmaster/protocol";
import type { RunEvent } from "./events.ts";
import type { RunState } from "./state.ts";

/**
 * What the results of a run's steps may hold together. A run is read and folded as a whole, by whatever process goes
 * on with it: of results of 600 MB its record was longer than a JavaScript text may be, and ended the server.
 */
export const MAX_RESULTS_BYTES = 64 * 1024 * 1024;
/** Beyond that, for what cleans up. */
const CLEANUP_BYTES = 16 * 1024 * 1024;

/**
 * The events as they are to be recorded: the success of an attempt, or of a run that is a step, whose result does not
 * find room beside those that the run has is a failure, and its result is not kept.
 */
export function boundResults(state: RunState, events: readonly RunEvent[]): readonly RunEvent[] {
  const room = state.section === "steps" ? MAX_RESULTS_BYTES : MAX_RESULTS_BYTES + CLEANUP_BYTES;
  let bytes = state.resultBytes;
  return events.map((event) => {
    const own = resultBytes(event);
    if (own === 0 || bytes + own <= room) {
      bytes += own;
      return event;
    }
    return withoutResult(event);
  });
}

/** About how long the result that an event tells of, an answer for one, is as JSON. */
export function resultBytes(event: RunEvent): number {
  if (event.type === "inquiry_answered") return jsonChars(event.answer);
  if (event.type !== "attempt_ended" && event.type !== "child_ended") return 0;
  return event.status === "success" && event.output !== undefined ? jsonChars(event.output) : 0;
}

export function jsonChars(value: Json): number {
  if (typeof value === "string") return value.length + 2;
  if (value === null || typeof value !== "object") return 8;
  let chars = 2;
  if (Array.isArray(value)) for (const item of value) chars += jsonChars(item) + 1;
  else
    for (const [key, item] of Object.entries(value))
      chars += key.length + 4 + jsonChars(item as Json);
  return chars;
}

const NO_ROOM: WorkError = {
  code: "limit_exceeded",
  message: `The results of this run's steps have more than ${MAX_RESULTS_BYTES / 1024 / 1024} MiB together with this one, the most that a run keeps. Keep large results elsewhere and return where.`,
};

function withoutResult(event: RunEvent): RunEvent {
  if (event.type === "inquiry_answered") return { ...event, answer: {}, error: NO_ROOM };
  if (event.type !== "attempt_ended" && event.type !== "child_ended") return event;
  const { output: _, ...rest } = event;
  const failed = { ...rest, status: "failed", error: NO_ROOM } as const;
  if (!("files" in failed)) return failed;
  const { files: __, ...bare } = failed;
  return bare;
}
