import { expect, it } from "vitest";
import type { SessionDeps } from "./session.ts";
import { createSessions, noRoomFor } from "./sessions.ts";

it("opens no more sessions than there may be while all were in use lately, and says for how long and what to do", () => {
  const sessions = createSessions("i", {} as SessionDeps, () => undefined);
  for (let at = 0; at < 64; at++) expect(sessions.open(`s${at}`)).toBeDefined();
  expect(sessions.open("more")).toBeUndefined();
  expect(sessions.open("s0")).toBeDefined();
  expect(noRoomFor("more")).toMatch(/64 sessions .* last 10 minutes, so "more" .*--fresh/);
});
