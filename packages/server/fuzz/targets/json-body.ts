import { isUtf8 } from "node:buffer";
import { isAppError, jsonFlaw } from "@yardmaster/protocol";
import { parseForeignJson, parseJsonBody, readJson } from "../../src/json/index.ts";
import { type FuzzTarget, must, mustBeInside, mustComeBack, wordFor } from "../target.ts";

/** A JSON body: taken as JSON.parse takes it, or refused with the place where it stops being JSON. */
export const jsonBodyTarget: FuzzTarget = {
  name: "json-body",
  seeds: [
    '{"ref":"core.echo","input":{"a":[1,-2.5e3,true,null,"x\\u00e9\\n"]}}',
    ' [ [ ] , { } , "" , 0 ] \n',
    '"\\ud83d\\ude00"',
    "-0.0E+1",
  ],
  words: [
    "\\u",
    "\\ud800",
    "\\u0000",
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    '"',
    "\\",
    "e5",
    "e400",
    "12345678901234567890",
    "-",
    ".",
    '{"__proto__":',
    '{"a":1,"\\u0061":',
    "tru",
    "\t",
  ],
  run(input) {
    const text = input.toString("utf8");
    const isJson = parses(text);
    const flaw = jsonFlaw(text);
    must(isJson === (flaw === undefined), "the flaw and JSON.parse do not agree", flaw);
    must(flaw === undefined || (flaw.index >= 0 && flaw.index <= text.length), "a flaw", flaw);
    const foreign = parseForeignJson(text);
    must(!foreign.ok || isJson, "what is no JSON was taken");
    const mayBeRefused = text.length > 1_000 || /[eE]|\d{16}/.test(text);
    must(!isUtf8(input) || foreign.ok || !isJson || mayBeRefused, "JSON was refused");
    if (foreign.ok) mustComeBack(foreign.value);
    const printed = readJson(text, "exact");
    if ("value" in printed) mustComeBack(printed.value);
    try {
      const value = parseJsonBody(input);
      mustComeBack(value);
      must(isJson, "what is no JSON was taken as a body");
      must(JSON.stringify(value) === JSON.stringify(JSON.parse(text)), "a body was changed");
      return `good ${typeof value}`;
    } catch (error) {
      if (!isAppError(error)) throw error;
      for (const { path } of error.errors) {
        const [, line, column] = /^(\d+):(\d+)$/.exec(path) ?? [];
        if (line !== undefined)
          mustBeInside(text, { line: Number(line), column: Number(column) }, error.message);
      }
      return `${error.code} ${wordFor(error.message)}`;
    }
  },
};

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
