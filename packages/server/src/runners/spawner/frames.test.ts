import { expect, test } from "vitest";
import { FRAME, frameOf, frameReader } from "./frames.ts";

test("frames come out whole however their bytes are cut", () => {
  const frames = [
    [FRAME.start, 1, "ünï 🚂".repeat(50)],
    [FRAME.stdoutEnd, 2 ** 32 - 1, ""],
    [FRAME.exit, 7, "[0,null]"],
  ] as const;
  const bytes = Buffer.concat(frames.flatMap(([kind, id, body]) => frameOf(kind, id, body)));
  for (const size of [1, 2, 8, 9, 10, 100, bytes.length]) {
    const seen: unknown[] = [];
    const read = frameReader((kind, id, body) => seen.push([kind, id, body.toString("utf8")]));
    for (let at = 0; at < bytes.length; at += size) read(bytes.subarray(at, at + size));
    expect(seen).toEqual(frames);
  }
});
