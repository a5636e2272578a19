import { expect, it } from "vitest";
import { createNotes } from "./notes.ts";

it("is closed only when all is written, also what a flush that waits has yet to take", async () => {
  const written: string[] = [];
  let letGo = (): void => undefined;
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const notes = createNotes({
    writeLinks: async (links) => {
      await held;
      for (const { sessionId } of links) {
        await new Promise((next) => setImmediate(next));
        written.push(sessionId);
      }
    },
    writeTokenUses: async () => undefined,
    writeRefusals: async () => undefined,
    onError: (error) => {
      throw error;
    },
  });
  notes.seen("first");
  void notes.flush();
  notes.seen("second");
  void notes.flush();
  const closed = notes.close();
  letGo();
  await closed;
  expect(written).toEqual(["first", "second"]);
});
