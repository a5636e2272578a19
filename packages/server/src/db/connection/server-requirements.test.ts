import { expect, test } from "vitest";
import { requireUtf8, requireVersion } from "./server-requirements.ts";

const FACTS = {
  ...{ version: 180_004, versionText: "18.4", fsync: true, encoding: "UTF8", session: "own" },
};

test("a server before 14 is refused by its version, later ones are taken", () => {
  expect(() =>
    requireVersion({ ...FACTS, version: 130_014, versionText: "13.14" }, "yard at db:5432"),
  ).toThrow(/13\.14 \(yard at db:5432\) is too old/);
  for (const version of [140_000, 180_004, 190_000]) {
    requireVersion({ ...FACTS, version }, "");
  }
});

test("a database that is not in UTF-8 is refused, with how one is made that is", () => {
  requireUtf8(FACTS, "yard at db:5432");
  expect(() => requireUtf8({ ...FACTS, encoding: "SQL_ASCII" }, "yard at db:5432")).toThrow(
    /^DATABASE_URL: the database \(yard at db:5432\) has the encoding SQL_ASCII.*ENCODING 'UTF8'/,
  );
});
