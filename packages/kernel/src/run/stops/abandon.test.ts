import { expect, it } from "vitest";
import type { RunEvent } from "../index.ts";
import { CANCEL, ended, lead, SLEEP, workflow } from "../testing/build.ts";

const ABANDONED: RunEvent = { type: "abandoned", at: 1_000, by: "token:ann" };

it("a run that was abandoned has ended as it stood: canceled, with what had succeeded, and without cleanup", () => {
  const run = lead(
    workflow(
      {
        a: { undo: {} },
        b: { needs: ["a"], retry: { attempts: 3 } },
        nap: { needs: ["a"], action: SLEEP },
        c: { needs: ["b"] },
      },
      undefined,
      { onFailure: { f: {} }, finally: { g: {} } },
    ),
  );
  run.end("a");
  const effects = run.post(ended("b", 1, "canceled"), ABANDONED);
  expect(effects.filter((effect) => effect.startsWith("dispatch"))).toEqual([]);
  expect(effects.at(-1)).toBe("finish canceled");
  expect(run.phases()).toEqual({ a: "success", b: "canceled", nap: "canceled", c: "canceled" });
  expect(run.state()).toMatchObject({
    ...{ phase: "ended", status: "canceled", canceledBy: "token:ann" },
    error: { code: "canceled", message: expect.stringContaining("without its cleanup") },
  });
  run.post(ABANDONED);
  expect(run.verdicts()).toEqual(["late"]);
});

it("a run is abandoned in whatever it does: its `finally` is broken off, and it ends canceled", () => {
  const run = lead(workflow({ a: {} }, undefined, { finally: { g: {} } }));
  run.end("a");
  run.post(CANCEL);
  expect(run.verdicts()).toEqual(["late"]);
  expect(run.post(ended("g", 1, "canceled"), ABANDONED).at(-1)).toBe("finish canceled");
});
