import { sizeText } from "@yardmaster/protocol/core";
import { expect, test } from "vitest";
import type { Io } from "../../io.ts";
import { createProgress } from "./progress.ts";

function setup(isTTY: boolean, env: Io["env"] = {}) {
  const written: string[] = [];
  let nowMs = 0;
  const stderr = {
    isTTY,
    columns: 60,
    write: (text: string | Uint8Array) => written.push(String(text)),
  };
  const io = { stderr, env, now: () => nowMs } as unknown as Io;
  const at = (ms: number) => {
    nowMs = ms;
  };
  return { progress: createProgress(io, `lab-7:/${"x".repeat(80)}`), written, at };
}

test("draws one line over and over, not too often, and takes it away", () => {
  const { progress, written, at } = setup(true);
  progress.update(2 ** 20, 4 * 2 ** 20);
  at(50);
  progress.update(2 * 2 ** 20, 4 * 2 ** 20);
  at(1_000);
  progress.update(3 * 2 ** 20, 4 * 2 ** 20);
  progress.end();
  expect(written).toHaveLength(3);
  expect(written[1]).toMatch(/^\r 75% {2}4\.0 MiB {2}2\.0 MiB\/s {2}lab-7:\/x+…/);
  expect(written[1]?.length).toBeLessThanOrEqual(60 + 4);
  expect(written[2]).toBe("\r\x1b[K");
});

test.each([
  [false, {}],
  [true, { TERM: "dumb" }],
])(
  "says nothing where there is no terminal, and on one that cannot redraw: %s %j",
  (isTTY, env) => {
    const { progress, written } = setup(isTTY, env);
    progress.update(0, 0);
    progress.end();
    expect(written).toEqual([]);
  },
);

test.each([
  [0, "0 B"],
  [1_023, "1023 B"],
  [1_536, "1.5 KiB"],
  [3 * 2 ** 40, "3.0 TiB"],
])("writes %d bytes as %s", (bytes, text) => {
  expect(sizeText(bytes)).toBe(text);
});
