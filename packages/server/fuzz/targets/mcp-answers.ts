import type { JsonObject } from "@yardmaster/protocol";
import { outputOf } from "../../src/runners/mcp/result.ts";
import { createEventReader } from "../../src/runners/mcp/sse.ts";
import { readMessages } from "../../src/runners/rpc/message.ts";
import { type FuzzTarget, must, mustComeBack, wordFor } from "../target.ts";

const LIMIT_BYTES = 4_096;
const OF = { tool: "t", server: "the MCP server s", resultLimitBytes: LIMIT_BYTES };

/** What a server of tools sends: the same events however their bytes come, each message taken or refused with a reason. */
export const mcpAnswersTarget: FuzzTarget = {
  name: "mcp-answers",
  seeds: [
    'event: message\r\nid: 1\r\nretry: 10\r\ndata: {"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":"{\\"n\\":1}"}]}}\r\n\r\n',
    ': ping\n\ndata: {"jsonrpc":"2.0",\ndata: "id":"2","result":{"structuredContent":{"a":[1,null]},"content":[]}}\n\n',
    'data: [{"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":"x"}},{"jsonrpc":"2.0","id":3,"method":"ping"}]\n\n',
    'data: {"jsonrpc":"2.0","id":4,"result":{"isError":true,"content":[{"type":"text","text":"no"},{"type":"image","data":"aGk=","mimeType":"image/png"}]}}\n\ndata: {"jsonrpc":"2.0","id":null,"error":{"code":-32602,"message":"no","data":{"a":1}}}\n\n',
  ],
  words: [
    "\n",
    "\r\n",
    "data:",
    "id:",
    "retry:",
    "\n\n",
    '"jsonrpc":"2.0"',
    '"id":1',
    '"result":',
    '"error":',
    '"content":',
    '"structuredContent":',
    '"isError":true',
    '"type":"text"',
    "\\u0000",
    "\\ud800",
    "1e400",
    '"__proto__":1',
    "x".repeat(5_000),
    "[[[[",
    "\xff",
  ],
  run(input) {
    const events = eventsOf(input, input.length);
    for (const size of [1, 7])
      must(
        JSON.stringify(eventsOf(input, size)) === JSON.stringify(events),
        "the events depend on how their bytes come",
        size,
      );
    return [input.toString("utf8"), ...events.slice(0, 4)].map(outcomeOf).join(" / ");
  },
};

function eventsOf(input: Buffer, size: number): string[] {
  const events: string[] = [];
  let isOver = false;
  const reader = createEventReader(
    {
      event: ({ data, id }) => {
        if (!isOver) events.push(id === undefined ? data : `${data} `);
      },
      retryMs: (ms) => must(Number.isSafeInteger(ms) && ms >= 0, "a wait", ms),
      tooLong: () => {
        isOver = true;
      },
    },
    LIMIT_BYTES,
  );
  for (let at = 0; at < input.length && !isOver; at += size)
    reader.write(input.subarray(at, at + size));
  return events;
}

function outcomeOf(text: string): string {
  const read = readMessages(text);
  if (!read.ok) {
    must(read.problem !== "", "a reason");
    return wordFor(read.problem);
  }
  return read.messages
    .slice(0, 4)
    .map((message) => (message.kind === "result" ? resultWord(message.result) : message.kind))
    .join();
}

function resultWord(result: JsonObject): string {
  return [true, false]
    .map((readsJson) => {
      const read = outputOf(result, { ...OF, readsJson, clean: (text) => text });
      if (!("output" in read)) {
        must(read.message.length < 5_000, "a message that is too long", read.message);
        return read.code;
      }
      mustComeBack(read.output);
      const stored = JSON.stringify(read.output);
      must(Buffer.byteLength(stored) <= LIMIT_BYTES, "an output that is too large");
      must(!/\\u0000|\\ud[89a-f]/.test(stored), "an output that cannot be stored", stored);
      return Array.isArray(read.output) ? "list" : typeof read.output;
    })
    .join("+");
}
