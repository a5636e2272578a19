import { isUtf8 } from "node:buffer";
import type { Capture } from "../../src/runners/output/capture.ts";
import { readOutput } from "../../src/runners/output/output.ts";
import { type FuzzTarget, must, mustBeInside, mustComeBack, wordFor } from "../target.ts";

const LIMIT_BYTES = 64 * 1_024;
const FORMATS = ["json", "jsonl", "yaml", "text", "none"] as const;

/** What a process printed, read in every format. */
export const outputTarget: FuzzTarget = {
  name: "output",
  limitMs: 1_500,
  seeds: [
    '{"a": [1, 2.5, null, "\\u00e9"]}\n',
    '{"n": 1}\n\n[true]\n"x"\n',
    "a: &x { n: 1 }\nb: *x\nc:\n  - d\n  - |\n    text\n",
    "plain text\n",
  ],
  words: [
    "\n",
    "\\u0000",
    "\\ud800",
    "1e999",
    "&a ",
    "*a",
    "!!x ",
    "---\n",
    "? ",
    ": ",
    "- ",
    "{",
    "[",
    '"',
    ",",
    "  ",
    "k: 1\n",
  ],
  run(input) {
    const text = input.toString("utf8");
    return FORMATS.map((format) => outcomeOf(format, input, text)).join(" / ");
  },
};

function outcomeOf(format: (typeof FORMATS)[number], input: Buffer, text: string): string {
  const read = readOutput(format, printed(input), LIMIT_BYTES);
  if ("output" in read) {
    const stored = JSON.stringify(read.output);
    must(typeof stored === "string", "an output is no JSON", format);
    must(!/\\u0000|\\ud[89a-f]/i.test(stored.replaceAll("\\\\", "")), "cannot be stored", stored);
    const isSame = JSON.stringify(JSON.parse(stored)) === stored;
    must(isSame, "an output does not come back", format, stored);
    mustComeBack(read.output);
    must(format === "text" || format === "none" || isUtf8(input), "bytes were taken for text");
    return typeof read.output;
  }
  const { line, column } = read.details ?? {};
  if (read.code === "invalid_output")
    mustBeInside(text, { line: Number(line), column: Number(column) }, read.message);
  return `${read.code} ${wordFor(read.message.split(" at line ")[0] ?? "")}`;
}

function printed(bytes: Buffer): Capture {
  return {
    bytes: () => bytes.length,
    cut: () => false,
    kept: () => ({ bytes, whole: true }),
    tail: () => "",
    hurry: () => {},
    end: () => {},
  };
}
