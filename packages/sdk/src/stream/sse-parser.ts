/** One event of a `text/event-stream`, as the HTML standard's section 9.2 reads it. */
export interface SseEvent {
  /** The last id that the stream gave, this event's or an earlier one's; empty before the first. */
  readonly id: string;
  readonly event: string;
  readonly data: string;
}

export interface SseParser {
  /** Takes the next piece of text, cut anywhere; returns the events that it completed. */
  push(chunk: string): SseEvent[];
  /** The id that a resume names: the last one that was followed by an empty line, with an event or (a heartbeat) without. */
  readonly lastId: string;
  /** The server's wish for the wait before a reconnect, where it gave one. */
  readonly retryMs: number | undefined;
}

/** An event that the stream ends in the middle of is dropped, as the standard says: it comes again after the resume. */
export function createSseParser(): SseParser {
  let rest = "";
  let id = "";
  let lastId = "";
  let event = "";
  let data: string[] = [];
  let retryMs: number | undefined;
  let isFirst = true;

  function push(chunk: string): SseEvent[] {
    const text = rest + (isFirst ? chunk.replace(/^\uFEFF/, "") : chunk);
    if (chunk !== "") isFirst = false;
    // A CR at the end may be the first half of a CRLF: it waits for the next piece.
    const lines = text.split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? "";
    return lines.flatMap(takeLine);
  }

  function takeLine(line: string): SseEvent[] {
    if (line === "") return dispatch();
    const colon = line.indexOf(":");
    if (colon === 0) return [];
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(line[colon + 1] === " " ? colon + 2 : colon + 1);
    if (field === "data") data.push(value);
    else if (field === "event") event = value;
    else if (field === "id" && !value.includes("\0")) id = value;
    else if (field === "retry" && /^\d+$/.test(value)) retryMs = Number(value);
    return [];
  }

  function dispatch(): SseEvent[] {
    lastId = id;
    const complete =
      data.length > 0 ? [{ id, event: event || "message", data: data.join("\n") }] : [];
    event = "";
    data = [];
    return complete;
  }

  return {
    push,
    get lastId() {
      return lastId;
    },
    get retryMs() {
      return retryMs;
    },
  };
}
