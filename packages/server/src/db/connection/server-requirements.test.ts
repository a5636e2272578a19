import { expect, test } from "vitest";
import { requireVersion } from "./server-version.ts";

test("a server before 14 is refused by its version, later ones are taken", () => {
  const facts = { version: 130_014, versionText: "13.14", fsync: true, session: "own" };
  expect(() => requireVersion(facts, "yard at db:5432")).toThrow(
    /13\.14 \(yard at db:5432\) is too old/,
  );
  for (const version of [140_000, 180_004, 190_000]) {
    requireVersion({ version, versionText: "", fsync: true, session: "own" }, "");
  }
});
