import { isJsonObject, type JsonObject } from "@yardmaster/protocol";
import { parseForeignJson } from "../../json/index.ts";
import type { AgentEvent } from "./agent-event.ts";
import { createLines } from "./lines.ts";

/** Hears the events in what an agent prints. A line that is no JSON object is counted, and never fatal. */
export function createListener(
  read: (line: JsonObject) => readonly AgentEvent[],
  onEvent: (event: AgentEvent) => void,
) {
  let malformedLines = 0;

  const lines = createLines((line) => {
    const parsed = line === undefined ? undefined : parseForeignJson(line);
    if (parsed?.ok !== true || !isJsonObject(parsed.value)) malformedLines++;
    else for (const event of read(parsed.value)) onEvent(event);
  });

  return { write: lines.write, end: lines.end, malformedLines: () => malformedLines };
}
