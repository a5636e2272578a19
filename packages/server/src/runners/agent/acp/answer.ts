import type { JsonSchema, Validator } from "@yardmaster/kernel";
import { isJsonObject, type JsonObject, placedFlaw } from "@yardmaster/protocol";
import { readJson } from "../../../json/index.ts";

/*
 * The protocol has no schema of an answer: it is asked for in words, and what comes is held to it here. One answer that
 * does not fit is asked for again, in the same conversation.
 */

export function askedFor(prompt: string, answer: JsonSchema | undefined): string {
  if (answer === undefined) return prompt;
  return `${prompt}

When you are done, let your last message be one JSON object and nothing else: no other words, and no code fence. It has to fit this JSON Schema:
${JSON.stringify(answer)}`;
}

export function askedAgain(problem: string): string {
  return `Your last message is not the JSON object that was asked for: ${problem}. Answer with that object alone, without any other words and without a code fence.`;
}

export type ReadAnswer =
  | { readonly ok: true; readonly answer: JsonObject }
  | { readonly ok: false; readonly problem: string };

/** The whole message is the answer, but for a code fence around it: models put one there against every instruction. */
export function readAnswer(text: string, validator: Validator): ReadAnswer {
  const own = withoutFence(text.trim());
  if (own === "") return { ok: false, problem: "there was none" };
  const read = readJson(own, "nearest");
  if ("excess" in read) return { ok: false, problem: read.excess };
  if ("flaw" in read)
    return { ok: false, problem: `it is not JSON: ${placedFlaw(own, read.flaw)}` };
  if (!isJsonObject(read.value)) return { ok: false, problem: "it is JSON, and no object" };
  const checked = validator.validate(read.value);
  if (checked.ok) return { ok: true, answer: read.value };
  const [first] = checked.errors;
  return { ok: false, problem: `${first?.path || "/"} ${first?.message ?? ""}`.trim() };
}

const FENCE = "```";

function withoutFence(text: string): string {
  if (!text.startsWith(FENCE) || !text.endsWith(FENCE)) return text;
  const firstBreak = text.indexOf("\n");
  return firstBreak < 0 ? text : text.slice(firstBreak + 1, -FENCE.length).trim();
}
