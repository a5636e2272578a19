import { expect, it } from "vitest";
import { inOwnTurn } from "../../../json/own-turn.fixture.ts";
import { createInTurn } from "./in-turn.ts";

const LARGE = 1024 * 1024;

it("what comes behind a large message waits with it, and the socket with them", async () => {
  const order: string[] = [];
  const inTurn = createInTurn({
    pause: () => order.push("pause"),
    resume: () => order.push("resume"),
  });
  const come = (what: string, bytes: number): Promise<void> =>
    new Promise((taken) => {
      inTurn(bytes, () => {
        order.push(what);
        taken();
      });
    });
  await come("small", 100);
  await inOwnTurn(async () => {
    const all = [come("large", LARGE), come("small", 100), come("large", LARGE), come("end", 0)];
    expect(order).toEqual(["small", "pause"]);
    await Promise.all(all);
  });
  await come("small", 100);
  expect(order).toEqual(["small", "pause", "large", "small", "large", "end", "resume", "small"]);
});
