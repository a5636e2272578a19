import { createLines } from "../output/lines.ts";

/** One event of a stream (`text/event-stream`); events without data are given too, for their id. */
export interface StreamEvent {
  readonly data: string;
  readonly id: string | undefined;
}

/** Reads a stream of events as it comes. Lines end in LF or CRLF, as all servers write them. */
export function createEventReader(
  on: {
    readonly event: (event: StreamEvent) => void;
    /** How long to wait before the stream is asked for again. */
    readonly retryMs: (ms: number) => void;
    /** A line, or the data of an event, is longer than may be. */
    readonly tooLong: () => void;
  },
  maxBytes: number,
) {
  let data: string[] = [];
  let dataBytes = 0;
  let id: string | undefined;

  function field(line: string): void {
    const [, name = "", value = ""] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? [];
    if (name === "data") {
      dataBytes += value.length + 1;
      if (dataBytes > maxBytes) return on.tooLong();
      data.push(value);
    }
    if (name === "id" && !value.includes("\0")) id = value;
    if (name === "retry" && /^\d{1,9}$/.test(value)) on.retryMs(Number(value));
  }

  function dispatch(): void {
    const event = { data: data.join("\n"), id };
    data = [];
    dataBytes = 0;
    on.event(event);
  }

  const lines = createLines((line) => {
    if (line === undefined) return on.tooLong();
    const text = line.toString("utf8").replace(/\r$/, "");
    if (text === "") dispatch();
    else field(text);
  }, maxBytes);

  return { write: lines.write };
}
