import { expect, it } from "vitest";
import { createExecLines } from "./exec-lines.ts";

const OUTPUT = { type: "output", stream: "stdout", data_b64: "eA==" } as const;
const STATE = { type: "state", state: "connected" } as const;

it("sends an empty line while nothing happens, and goes on with what does", async () => {
  const lines = createExecLines({ beatMs: 5 });
  const reader = lines.read();
  expect((await reader.next()).value).toBe("\n");
  void lines.push(OUTPUT);
  let next = await reader.next();
  while (next.value === "\n") next = await reader.next();
  expect(JSON.parse(String(next.value))).toEqual(OUTPUT);
  lines.end(STATE);
  const rest: string[] = [];
  for await (const line of reader) if (line !== "\n") rest.push(line);
  expect(rest).toEqual([`${JSON.stringify(STATE)}\n`]);
});

it("lets a writer go on when its line was taken, and all when the reader is gone", async () => {
  const lines = createExecLines();
  const reader = lines.read();
  const pushed = lines.push(OUTPUT);
  await reader.next();
  const asked = reader.next();
  await pushed;
  const other = lines.push(STATE);
  await asked;
  await reader.return();
  await other;
  await lines.push(OUTPUT);
});
