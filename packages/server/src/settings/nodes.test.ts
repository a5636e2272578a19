import { expect, test } from "vitest";
import { readSettings } from "./settings.ts";

const read = (env: { readonly [name: string]: string }) => readSettings([], env, "/etc/yard").nodes;

test("what is let pass of nodes is what the protocol says, unless it is set", () => {
  expect(read({})).toEqual({
    ...{ staleMs: 75_000, messagesPerSecond: 100, inboundBytes: 32 * 2 ** 20 },
    baseExecMostMs: 85_000,
  });
  const set = { YARD_NODES_STALE: "2m", YARD_NODES_RATE: "0", YARD_NODES_MESSAGE: "64MiB" };
  expect(read({ ...set, YARD_NODES_BASE_TIMEOUT: "5m" })).toEqual({
    ...{ staleMs: 120_000, messagesPerSecond: 0, inboundBytes: 64 * 2 ** 20 },
    baseExecMostMs: 300_000,
  });
});

test.each([
  ["YARD_NODES_STALE", "59s", "must be from 1m to 1h"],
  ["YARD_NODES_STALE", "75", "is no duration"],
  ["YARD_NODES_RATE", "-1", "must be a whole number from 0 to 100000"],
  ["YARD_NODES_MESSAGE", "1MiB", "must be from 16MiB to 256MiB"],
  ["YARD_NODES_BASE_TIMEOUT", "11m", "must be from 1s to 10m"],
])("%s=%s is refused: it %s", (name, text, message) => {
  expect(() => read({ [name]: text })).toThrow(new RegExp(`${name}: .*${message}`));
});
