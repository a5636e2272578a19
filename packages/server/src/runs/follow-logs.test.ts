import { expect, it } from "vitest";
import type { Engine, LogLine } from "../engine/index.ts";
import { followLogs } from "./follow-logs.ts";

const line = (seq: number): LogLine => ({
  ...{ cursor: `c${seq}`, step: "a", attempt: 1, seq, stream: "stdout", at: "", text: `${seq}\n` },
});

it("begins at the end of what is written then, and gives all of what comes", async () => {
  const asked: Parameters<Engine["logs"]>[1][] = [];
  const found = [[], [line(1), line(2)], [line(3)]];
  let end = (): void => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const engine = {
    async logs(...[, page]: Parameters<Engine["logs"]>) {
      asked.push(page);
      if (found.length === 1) end();
      return found.shift() ?? [];
    },
    waitForEnd: async () => await ended.then(() => ({})),
  } as unknown as Engine;
  const signal = new AbortController().signal;
  let text = "";
  for await (const lines of followLogs(engine, "r1", { tail: 1, signal })) text += lines;
  expect(text.match(/"c\d"/g)).toEqual(['"c1"', '"c2"', '"c3"']);
  expect(asked.slice(0, 3).map(({ tail, after }) => tail ?? after)).toEqual([1, undefined, "c2"]);
});

it("ends with a line that says so where the database is away, and not as if the run had ended", async () => {
  const away = Object.assign(new Error("connect"), { code: "ECONNREFUSED" });
  const engine = {
    logs: async () => [],
    waitForEnd: () => Promise.reject(away),
  } as unknown as Engine;
  const signal = new AbortController().signal;
  let text = "";
  for await (const lines of followLogs(engine, "r1", { signal })) text += lines;
  expect(JSON.parse(text)).toEqual({
    ...{ type: "cut", code: "unavailable", reason: "The database is out of reach" },
  });
});
