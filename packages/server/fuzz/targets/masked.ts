import { createMasker } from "../../src/runners/masking/index.ts";
import { type FuzzTarget, must } from "../target.ts";

/** What a process prints that knows a secret, which is the first line here: the same is left however it comes, and no secret. */
export const maskedTarget: FuzzTarget = {
  name: "masked",
  seeds: [
    'tok/en-"4711"\nit is tok/en-"4711", or "tok\\/en-\\"4711\\"" or dG9rL2VuLSI0NzExIg== or tok%2Fen-%224711%22',
    "abcabcabc\nabcabcabcabcabcab",
    '{"user":"ada","key":"0123456789abcdef"}\nkey 0123456789abcdef',
  ],
  words: ["abc", "abcabc", "%2F", "\\u0061", "\\/", "\xff", "é", "==", "0123456789abcdef"],
  run(input) {
    const end = input.indexOf(10);
    if (end < 0) return "no secret";
    const secret = input.toString("utf8", 0, end);
    const printed = input.subarray(end + 1);
    const masker = createMasker([secret]);
    const whole = masker.bytes(printed);
    for (const size of [1, 7]) {
      const stream = masker.stream();
      const pieces: Buffer[] = [];
      for (let at = 0; at < printed.length; at += size)
        pieces.push(stream.write(printed.subarray(at, at + size)));
      pieces.push(stream.end());
      must(Buffer.concat(pieces).equals(whole), "what is left depends on how it comes", size);
    }
    // A mask and what stands beside it may spell a secret that has stars.
    const isHidden = secret.length >= 6 && !secret.includes("*");
    must(!isHidden || !whole.includes(secret), "a secret is left", secret);
    return masker.hasMasked() ? "masked" : "plain";
  },
};
