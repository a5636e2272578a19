import { expect, it } from "vitest";
import { formatRate, parseRate, rateRoom } from "./rate.ts";

it("reads rates as people write them, and writes them so", () => {
  for (const [text, perMs] of [
    ["10/s", 1_000],
    ["100/m", 60_000],
    ["1000/h", 3_600_000],
    ["10000/d", 86_400_000],
  ] as const) {
    const rate = parseRate(text);
    expect(rate).toEqual({ starts: Number(text.split("/")[0]), perMs });
    expect(rate && formatRate(rate)).toBe(text);
  }
  for (const text of ["0/s", "10001/s", "10", "10/w", "1.5/s", "-1/s", "10 /s", "010/s", "10/sec"])
    expect(parseRate(text), text).toBeUndefined();
});

const RATE = { starts: 3, perMs: 1_000 };

it("has room for what the window does not count any more", () => {
  expect(rateRoom(RATE, [], 0)).toEqual({ room: 3, nextAtMs: null });
  const recent = [
    { atMs: 100, starts: 2 },
    { atMs: 400, starts: 1 },
  ];
  expect(rateRoom(RATE, recent, 500)).toEqual({ room: 0, nextAtMs: 1_100 });
  expect(rateRoom(RATE, recent, 1_099).room).toBe(0);
  expect(rateRoom(RATE, recent, 1_100)).toEqual({ room: 2, nextAtMs: null });
});

it("waits for as many as a lowered rate has to forget", () => {
  const recent = [1, 2, 3, 4].map((at) => ({ atMs: at * 100, starts: 1 }));
  expect(rateRoom({ starts: 2, perMs: 1_000 }, recent, 450).nextAtMs).toBe(1_300);
});
