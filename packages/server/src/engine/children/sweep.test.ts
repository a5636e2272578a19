import { AppError } from "@yardmaster/protocol";
import { expect, it } from "vitest";
import type { ChildAtRest, ChildStore } from "./children.store.ts";
import { createChildren } from "./children.ts";

it.each<[string, Error, number]>([
  ["any reason", new Error("no"), 3_000],
  ["want of its definition", new AppError("definition_missing", "gone"), 30_000],
])(
  "a sweep leaves what it could not see to, for %s, to others for a while",
  async (_, error, forMs) => {
    const passedBy: (readonly string[])[] = [];
    let nowMs = 0;
    const row = { act: "start", childId: "c", parentId: "p", slot: "a", number: 1 } as ChildAtRest;
    const { sweep } = createChildren({
      store: {
        async childrenAtRest(_limit, without) {
          passedBy.push(without);
          return without.includes("c") ? [] : [row];
        },
      } as ChildStore,
      post: async () => "applied",
      start: () => Promise.reject(error),
      onError: () => {},
      now: () => 0,
      monotonicMs: () => nowMs,
      random: () => 0,
    });
    await sweep();
    nowMs = forMs - 1;
    await sweep();
    nowMs = forMs;
    await sweep();
    expect(passedBy).toEqual([[], ["c"], []]);
  },
);
