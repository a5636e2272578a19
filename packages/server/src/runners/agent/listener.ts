import { isJsonObject, type JsonObject } from "@yardmaster/protocol";
import { parseForeignJson } from "../../json/index.ts";
import { describeBytes } from "../limits.ts";
import { createLines } from "../output/lines.ts";
import type { AgentEvent } from "./agent-event.ts";

/** A line of an agent may hold a whole file that it has read. */
const MAX_LINE_BYTES = 10 * 1024 * 1024;

const TOO_LONG = `a line of it is longer than ${describeBytes(MAX_LINE_BYTES)} and was passed over`;

/** Hears the events in what an agent prints. A line that cannot be read is counted, and never fatal. */
export function createListener(
  read: (line: JsonObject) => readonly AgentEvent[],
  onEvent: (event: AgentEvent) => void,
) {
  let malformedLines = 0;

  const lines = createLines((line) => {
    if (line === undefined) onEvent({ type: "notice", text: TOO_LONG });
    const text = line?.toString("utf8");
    if (text?.trim() === "") return;
    const parsed = text === undefined ? undefined : parseForeignJson(text);
    if (parsed?.ok !== true || !isJsonObject(parsed.value)) malformedLines++;
    else hear(parsed.value);
  }, MAX_LINE_BYTES);

  /** What a later version of a program says otherwise must not end the worker with all that it runs. */
  function hear(line: JsonObject): void {
    try {
      for (const event of read(line)) onEvent(event);
    } catch {
      malformedLines++;
    }
  }

  return { write: lines.write, end: lines.end, malformedLines: () => malformedLines };
}
