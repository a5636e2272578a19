import fc from "fast-check";
import { expect, it } from "vitest";
import { createLines } from "./lines.ts";

it("lines are the same however their bytes come", () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: "grapheme" }).map((text) => text.replaceAll("\n", " "))),
      fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1 }),
      (texts, sizes) => {
        const bytes = Buffer.from(texts.map((text) => `${text}\n`).join(""));
        const lines: (string | undefined)[] = [];
        const cutter = createLines((line) => lines.push(line?.toString("utf8")), 1_000);
        for (let at = 0, turn = 0; at < bytes.length; turn++) {
          const size = sizes[turn % sizes.length] as number;
          cutter.write(bytes.subarray(at, at + size));
          at += size;
        }
        cutter.end();
        expect(lines).toEqual(texts);
      },
    ),
    { numRuns: 200 },
  );
});

it("a line that is too long is given as none and not kept, and the next is read", () => {
  const lines: (string | undefined)[] = [];
  const cutter = createLines((line) => lines.push(line?.toString("utf8")), 10);
  cutter.write(Buffer.from(`${"x".repeat(8)}`));
  cutter.write(Buffer.from(`${"x".repeat(8)}\nshort\n${"y".repeat(11)}`));
  cutter.end();
  expect(lines).toEqual([undefined, "short", undefined]);
});

it("a line that is too long is told while it still comes, and once", () => {
  const lines: (string | undefined)[] = [];
  const cutter = createLines((line) => lines.push(line?.toString("utf8")), 10);
  for (let i = 0; i < 5; i++) cutter.write(Buffer.from("x".repeat(8)));
  expect(lines).toEqual([undefined]);
  cutter.write(Buffer.from("\nnext\n"));
  expect(lines).toEqual([undefined, "next"]);
});
