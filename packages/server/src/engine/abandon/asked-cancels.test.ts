import { AppError } from "@yardmaster/protocol";
import { expect, it } from "vitest";
import type { AskedCancel } from "./asked-cancels.store.ts";
import { ABANDON_AFTER_MS, createAskedCancels } from "./asked-cancels.ts";

const WAITED = ABANDON_AFTER_MS;

/** Two runs of which nobody has the definition: one is a step of the other. */
function setup({
  askedMs,
  others,
  has = false,
}: {
  askedMs: number;
  others: number;
  has?: boolean;
}) {
  const done: string[] = [];
  const live = new Set(["parent", "child"]);
  const { runOnce } = createAskedCancels({
    store: {
      askCancel: async () => {},
      askedCancels: async () =>
        [...live].map(
          (runId): AskedCancel => ({
            ...{ runId, by: "token:ann", askedMs },
            isLeaf: runId === "child" || !live.has("child"),
          }),
        ),
      forgetCancel: async (runId) => {
        live.delete(runId);
      },
    },
    post: async (runId, { type }) => {
      if (type === "cancel_requested" && !has) throw new AppError("definition_missing", "gone");
      done.push(`${type} ${runId}`);
      if (type === "abandoned") live.delete(runId);
      return "applied";
    },
    others: () => others,
    onError: (error) => {
      throw error;
    },
    now: () => 0,
  });
  return { runOnce, done };
}

const ABANDONED = ["abandoned child", "abandoned parent"];

it.each([
  [
    "by others alone while one of them may have the definition",
    { askedMs: WAITED - 1, others: 1 },
    [],
  ],
  ["where nobody else lives: at once, the steps first", { askedMs: 0, others: 0 }, ABANDONED],
  ["that nobody has canceled for 10 s: the steps first", { askedMs: WAITED, others: 1 }, ABANDONED],
  [
    "of which it has the definition: in order, however long that took",
    { askedMs: WAITED, others: 1, has: true },
    ["cancel_requested parent", "cancel_requested child"],
  ],
])("a run is ended %s", async (_, given, expected) => {
  const { runOnce, done } = setup(given);
  await runOnce();
  expect(done).toEqual(expected);
});
