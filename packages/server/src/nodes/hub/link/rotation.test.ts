import type { OutgoingServerFrame } from "@yardmaster/protocol/node";
import { expect, it } from "vitest";
import type { Link } from "./link.types.ts";
import { createRotations } from "./rotation.ts";

it("a new token is confirmed by the session alone that it was sent to", async () => {
  const rotations = createRotations(() => "r-1", 60_000);
  const sent: OutgoingServerFrame[] = [];
  const link = {
    ...{ node: { name: "lab-7" }, has: () => true, isTls: true, sessionId: "s-1" },
    send: (frame: OutgoingServerFrame) => void sent.push(frame),
  } as unknown as Link;
  const outcome = rotations.send(link, { text: "t", oldValidMs: 1_000 });
  const refusal = { type: "rotate_err", id: "r-1", reason: "no" } as const;
  expect(rotations.take("s-2", refusal)).toBe(false);
  const other = { type: "rotate_ok", id: "r-1", sha256: "0".repeat(64) } as const;
  expect(rotations.take("s-1", other)).toBe(true);
  expect(await outcome).toMatchObject({
    status: "refused",
    reason: expect.stringContaining("another token"),
  });
  expect(sent).toMatchObject([{ type: "rotate_token", id: "r-1", new_token: "t" }]);
});
