import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { expressionsPage, PAGE } from "./expressions-page.fixture.ts";

it("docs/expressions.md says what the code says (npx vitest run -u writes it anew)", async () => {
  await expect(expressionsPage()).toMatchFileSnapshot(fileURLToPath(PAGE));
});
