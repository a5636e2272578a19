import { readdirSync, readFileSync } from "node:fs";
import type { Json, JsonObject } from "@yardmaster/protocol";
import fc from "fast-check";
import { expect, it } from "vitest";
import type { AgentEvent } from "./agent-event.ts";
import { type Heard, hear, NOTHING_HEARD } from "./heard.ts";
import { createListener } from "./listener.ts";
import { PROGRAMS, type PrintingKind } from "./programs/index.ts";
import { toldOf } from "./told.ts";

const RECORDED = new URL("programs/recorded/", import.meta.url);
const LINES = readdirSync(RECORDED).flatMap((name) =>
  readFileSync(new URL(name, RECORDED), "utf8").trimEnd().split("\n"),
);

/** A recorded line in which some value is another. */
const mutated = fc
  .tuple(fc.constantFrom(...LINES), fc.nat(), fc.jsonValue())
  .map(([line, at, value]) => {
    const root = JSON.parse(line) as JsonObject;
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

it("whatever a program prints, it is read without an error, and what is told of it is text", () => {
  const answers = [undefined, { type: "object", properties: { a: { type: "string" } } }];
  fc.assert(
    fc.property(
      fc.array(mutated, { maxLength: 5 }),
      fc.constantFrom(...answers),
      (lines, answer) => {
        for (const { reader } of Object.values(PROGRAMS)) {
          const read = reader(answer);
          let heard: Heard = NOTHING_HEARD;
          for (const event of lines.flatMap(read)) {
            heard = hear(heard, event);
            expect(["string", "undefined"]).toContain(typeof toldOf(event));
          }
        }
      },
    ),
    { numRuns: 400 },
  );
});

/** Each was an error that ended the worker, or held it for a minute. */
const HARD: readonly (readonly [PrintingKind, JsonObject[]])[] = [
  ["claude", [{ type: "result", is_error: true, errors: [{ toString: 1, valueOf: 2 }, "why"] }]],
  ["claude", [toolResult(`x${" ".repeat(200_000)}x`)]],
  ["codex", [{ type: "turn.failed", error: { message: "model ".repeat(50_000) } }]],
  ["codex", [said(`{"a":${"[".repeat(4_000)}${"]".repeat(4_000)}}`), { type: "turn.completed" }]],
  ["codex", [said('{"a":1e999}'), { type: "turn.completed" }]],
];

function toolResult(content: string): JsonObject {
  return { type: "user", message: { content: [{ type: "tool_result", is_error: true, content }] } };
}

function said(text: string): JsonObject {
  return { type: "item.completed", item: { type: "agent_message", text } };
}

it("what is of another kind, too deep or too long holds nobody, and ends nothing but the agent's work", () => {
  for (const [kind, lines] of HARD) {
    const read = PROGRAMS[kind].reader({ type: "object" });
    const startedMs = performance.now();
    const events = lines.flatMap(read);
    for (const event of events.filter(({ type }) => type !== "said"))
      expect(toldOf(event)?.length ?? 0).toBeLessThan(400);
    expect(performance.now() - startedMs).toBeLessThan(5_000);
    const ended = events.findLast((event) => event.type === "ended");
    if (ended !== undefined) expect(ended.outcome).toBe("error");
  }
});

it("what is no JSON object is counted, and what follows is heard", () => {
  const events: AgentEvent[] = [];
  const listener = createListener(PROGRAMS.codex.reader(undefined), (event) => events.push(event));
  listener.write(Buffer.from('[1]\n{"type":\nnull\n\n{"type":"thread.started","thread_id":"t"}'));
  listener.end();
  expect(listener.malformedLines()).toBe(3);
  expect(events).toEqual([{ type: "session_started", session: "t" }]);
});

it("a line that breaks its reader is counted, and ends nothing else", () => {
  const listener = createListener(
    () => {
      throw new Error("unforeseen");
    },
    () => undefined,
  );
  listener.write(Buffer.from('{"type":"new"}\n'));
  expect(listener.malformedLines()).toBe(1);
});
