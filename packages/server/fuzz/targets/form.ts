import { formPayload } from "../../src/inbox/webhooks/form-payload.ts";
import { type FuzzTarget, must } from "../target.ts";

/** Any bytes as the field of a form come back from it, and any bytes at all are a form. */
export const formTarget: FuzzTarget = {
  name: "form",
  seeds: [
    "payload=a%20b+c&d=e",
    "a=1&payload=%7B%7D",
    "payload",
    "payload=%",
    "&&payload=%4&payload=2",
  ],
  words: ["payload=", "&", "%", "+", "%00", "%FF", "=", ";"],
  run(input) {
    const read = formPayload(input);
    must((read?.length ?? 0) <= input.length, "a payload is longer than its form");
    const escaped = [...input].map((byte) => `%${byte.toString(16).padStart(2, "0")}`).join("");
    const back = formPayload(Buffer.from(`x=1&payload=${escaped}&payload=no`));
    must(back?.equals(input) === true, "bytes do not come back from a form");
    return String(read === undefined ? "none" : Math.min(3, read.length));
  },
};
