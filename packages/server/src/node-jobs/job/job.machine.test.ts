import { expect, it } from "vitest";
import { type JobEvent, type JobState, moveJob } from "./job.machine.ts";

const ACCEPTED: JobEvent = { type: "accepted" };
const CANCEL: JobEvent = { type: "cancel" };
const LINKED: JobEvent = { type: "linked" };
const LISTED: JobEvent = { type: "listed", result: { duration_ms: 7, files: [] } as never };

/** What the node is told or what else follows, and the state after each event. */
function after(from: JobState, ...events: readonly JobEvent[]) {
  let state = from;
  const done: string[] = [];
  for (const event of events) {
    const moved = moveJob(state, event);
    done.push(...(moved?.effects.map((effect) => effect.do) ?? []));
    state = moved?.next ?? state;
  }
  return { state, done };
}

it("stops a job that was canceled while it was offered, as soon as its node has begun it", () => {
  const begun = { state: "stopping", done: ["tell_cancel", "watch", "tell_cancel"] };
  expect(after("offered", CANCEL, ACCEPTED)).toEqual(begun);
  expect(after("offered", CANCEL, LINKED)).toEqual(begun);
  expect(after("offered", CANCEL, { type: "unanswered" })).toMatchObject({ state: "over" });
});

it("tells a node to stop again where its link was cut, and brings nothing of a canceled job here", () => {
  expect(after("running", CANCEL, LINKED).done).toEqual(["tell_cancel", "tell_cancel"]);
  expect(after("running", LINKED).done).toEqual([]);
  expect(after("running", LISTED).done).toEqual(["fetch"]);
  expect(after("running", CANCEL, LISTED).done).toEqual(["tell_cancel", "tell_done", "end"]);
});

it("takes a result once: said again it changes nothing while its files come, and is refused when all is over", () => {
  expect(after("fetching", LISTED)).toEqual({ state: "fetching", done: [] });
  expect(moveJob("over", LISTED)?.effects).toEqual([{ do: "tell_done", accepted: false }]);
});

it("gives back what a node that is gone had not begun, and loses what it had", () => {
  const endOf = (state: JobState) => moveJob(state, { type: "gone" })?.effects.at(-1);
  expect(endOf("offered")).toEqual({ do: "end", how: { kind: "given_back", isRefused: false } });
  for (const state of ["running", "stopping", "fetching"] as const)
    expect(endOf(state)).toEqual({ do: "end", how: { kind: "lost" } });
});
