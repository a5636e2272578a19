import type { Json, JsonObject } from "@yardmaster/protocol";
import fc from "fast-check";
import { expect, it } from "vitest";
import type { AgentEvent } from "../agent-event.ts";
import { createListener } from "../listener.ts";
import { toldOf } from "../told.ts";
import { createConversation } from "./conversation.ts";

const SESSION = { sessionId: "s" };
const TOOL = {
  toolCallId: "t",
  title: "Write a",
  kind: "edit",
  status: "failed",
  rawInput: { file_path: "a" },
  rawOutput: { why: 1 },
  locations: [{ path: "/work/a", line: 1 }],
  content: [
    { type: "diff", path: "/work/a", oldText: null, newText: "" },
    { type: "content", content: { type: "text", text: "no" } },
  ],
};
const UPDATES: JsonObject[] = [
  { sessionUpdate: "agent_message_chunk", messageId: "1", content: { type: "text", text: "a\nb" } },
  { sessionUpdate: "agent_thought_chunk", content: { type: "text", text: "hm" } },
  { sessionUpdate: "tool_call", ...TOOL },
  { sessionUpdate: "tool_call_update", ...TOOL },
  { sessionUpdate: "plan", entries: [{ content: "a", priority: "high", status: "pending" }] },
  { sessionUpdate: "usage_update", used: 1, size: 2, cost: { amount: 1, currency: "USD" } },
];
const OPTIONS = [
  { optionId: "y", name: "Y", kind: "allow_once" },
  { optionId: "n", name: "N", kind: "reject_once" },
];
const LINES: JsonObject[] = [
  ...UPDATES.map((update) => ({ method: "session/update", params: { ...SESSION, update } })),
  {
    id: 1,
    method: "session/request_permission",
    params: { ...SESSION, toolCall: TOOL, options: OPTIONS },
  },
  { id: "x", method: "fs/read_text_file", params: { ...SESSION, path: "/etc/passwd" } },
  { id: 3, result: { stopReason: "end_turn", usage: { inputTokens: 1, outputTokens: 2 } } },
  { id: 3, error: { code: -32_603, message: "no", data: { details: "x" } } },
].map((line) => ({ jsonrpc: "2.0", ...line }));

/** A message in which some value is another. */
const mutated = fc
  .tuple(fc.constantFrom(...LINES), fc.nat(), fc.jsonValue())
  .map(([line, at, value]) => {
    const root = structuredClone(line) as JsonObject;
    const places: [{ [key: string]: Json }, string][] = [];
    const walk = (node: Json): void => {
      if (typeof node !== "object" || node === null) return;
      for (const key of Object.keys(node)) {
        places.push([node as { [key: string]: Json }, key]);
        walk((node as { [key: string]: Json })[key] as Json);
      }
    };
    walk(root);
    const [node, key] = places[at % places.length] as (typeof places)[number];
    node[key] = value as Json;
    return root;
  });

it("whatever an agent sends, and however it comes, it is heard without an error, answered, and ended at most once", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(mutated, { maxLength: 6 }),
      fc.integer({ min: 1, max: 400 }),
      fc.boolean(),
      async (lines, size, isTyped) => {
        const events: AgentEvent[] = [];
        const sent: JsonObject[] = [];
        const conversation = createConversation({
          spec: {
            kind: "agent",
            profile: { kind: "acp", command: ["x"], permissions: "edit", silenceMs: 1_000 },
            request: { constant: true, render: () => ({ ok: true, value: {} }) },
            ...(isTyped && { answer: { type: "object" } }),
          },
          request: { prompt: "p" },
          folder: "/work",
          isInside: (path) => path.startsWith("/work/"),
          onEvent: (event) => events.push(event),
          onIntroduced: () => {},
          words: { mostChars: 1_000, clean: (text) => text },
        });
        const listener = createListener(
          (line) => {
            conversation.hear(line);
            return [];
          },
          (event) => events.push(event),
        );
        const told = (message: JsonObject) =>
          listener.write(Buffer.from(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`));
        const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
        void conversation.hold((line) => sent.push(JSON.parse(line) as JsonObject));
        told({ id: 1, result: { protocolVersion: 1, agentCapabilities: {} } });
        await turn();
        told({ id: 2, result: SESSION });
        await turn();
        const bytes = Buffer.from(lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
        for (let at = 0; at < bytes.length; at += size)
          listener.write(bytes.subarray(at, at + size));
        await turn();
        for (const event of events) expect(["string", "undefined"]).toContain(typeof toldOf(event));
        expect(events.filter(({ type }) => type === "ended").length).toBeLessThanOrEqual(1);
        for (const message of sent.filter(({ method }) => method === undefined))
          expect("result" in message !== "error" in message).toBe(true);
      },
    ),
    { numRuns: 300 },
  );
});
