import { fileURLToPath } from "node:url";
import { ERRORS } from "@yardmaster/protocol/core";
import { expect, test } from "vitest";
import { referencePages } from "./index.ts";

const PAGE = new URL("../../../../docs/reference/cli.md", import.meta.url);

test("docs/reference/cli.md says what the code says (node scripts/reference.mjs writes it anew)", async () => {
  await expect((await referencePages())["cli.md"]).toMatchFileSnapshot(fileURLToPath(PAGE));
});

test("explains every exit code that an error can have", async () => {
  const page = (await referencePages())["cli.md"];
  for (const { exit } of Object.values(ERRORS)) expect(page).toContain(`\n| ${exit} | `);
});
