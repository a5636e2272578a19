import { expect, it } from "vitest";
import { createMailboxes } from "./mailboxes.ts";

const CANCEL = { type: "cancel_requested", at: 0, by: "token:test" } as const;

it("delivers one after the other what is for a run, also where as many others are at work as are kept", async () => {
  let letGo = (): void => undefined;
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const underWay = new Map<string, number>();
  let most = 0;
  const boxes = createMailboxes({
    before: () => undefined,
    async deliver(runId, _box, letters) {
      const now = (underWay.get(runId) ?? 0) + 1;
      underWay.set(runId, now);
      most = Math.max(most, now);
      await held;
      underWay.set(runId, now - 1);
      for (const { resolve } of letters) resolve("applied");
    },
  });
  const others = Array.from({ length: 20_000 }, (_, i) =>
    boxes.post(`run ${i}`, { event: CANCEL }),
  );
  const both = [boxes.post("last", { event: CANCEL }), boxes.post("last", { event: CANCEL })];
  letGo();
  await boxes.idle();
  expect(await Promise.all(both)).toEqual(["applied", "applied"]);
  expect(most).toBe(1);
  await Promise.all(others);
});
