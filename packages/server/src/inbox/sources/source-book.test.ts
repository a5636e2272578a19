import { expect, test } from "vitest";
import { MASTER_KEY, SECRET } from "../../../test/intake.ts";
import { createSealer } from "../../sealing/index.ts";
import { createSourceBook, secretPlace } from "./source-book.ts";

test("a secret that was sealed for one source is none of another, whoever writes it there", async () => {
  const sealer = createSealer(MASTER_KEY);
  const row = (name: string, sealedFor: string) => ({
    ...{ id: name, name, kind: "gitea", created_at: "2026-01-01T00:00:00.000Z" },
    secrets: [{ id: name, sealed: sealer.seal(SECRET, secretPlace(sealedFor)), retires_at: null }],
  });
  const book = createSourceBook({
    rules: { refresh: async () => undefined, revision: () => 1 },
    readSources: async () => [row("a", "a"), row("b", "a")],
    packSources: () => [],
    readSecret: async () => undefined,
    sealer,
  });
  await book.refresh();
  expect(book.find("a")?.secrets).toHaveLength(1);
  expect(book.find("b")).toMatchObject({ secrets: [], reason: expect.stringContaining("rotate") });
});
