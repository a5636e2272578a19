import type { Step } from "@yardmaster/protocol";
import { expect, test } from "vitest";
import { noteOf } from "./step-note.ts";

const base = { id: "made", uses: "test.make", reason: null, items: null, attempts: [] };
const undone = (status: string, message?: string) => ({
  status,
  error: message === undefined ? null : { code: "action_failed", message },
});

test.each([
  ["how it stands", { undo: undone("running") }, "test.make · undo: running"],
  [
    "why it failed",
    { undo: undone("failed", "it exited with 3") },
    "test.make · undo: failed: it exited with 3",
  ],
  [
    "why that of a part failed",
    {
      rounds: [undone("success"), undone("failed", "no such row")].map((undo) => ({
        undo,
        attempts: [],
      })),
    },
    "test.make · 2 rounds · undo: failed: no such row",
  ],
])("says of an undo %s", (_, more, note) => {
  expect(noteOf({ ...base, ...more } as unknown as Step)).toBe(note);
});

test.each([
  [
    "ended otherwise",
    ["success", "failed", "canceled", "canceled"],
    "1 failed · 2 canceled · 1/4 done",
  ],
  ["ran out of time", ["timed_out"], "1 timed out · 0/1 done"],
])("counts items that %s by how they ended", (_, statuses, note) => {
  const items = statuses.map((status, index) => ({ index, status, attempts: [] }));
  expect(noteOf({ ...base, items } as unknown as Step)).toBe(`test.make · ${note}`);
});

test("calls one round a round", () => {
  const rounds = [{ status: "success", attempts: [] }];
  expect(noteOf({ ...base, rounds } as unknown as Step)).toBe("test.make · 1 round");
});

test("says of a step that its result was taken over from the run before", () => {
  expect(noteOf({ ...base, reused: true } as unknown as Step)).toBe("test.make · reused");
  const items = [true, undefined].map((reused) => ({ status: "success", attempts: [], reused }));
  expect(noteOf({ ...base, items } as unknown as Step)).toBe("test.make · 2/2 done · 1 reused");
});
