import { join } from "node:path";
import { expect, it } from "vitest";
import { wordsOf } from "./pair-flags.ts";

it("keeps the place of an authority's file that is named from where one stands", () => {
  expect(wordsOf({ "ca-cert": "certs/ca.pem" })).toEqual({
    ca_cert: join(process.cwd(), "certs/ca.pem"),
  });
});
