import type { ProcessSpec } from "@yardmaster/kernel";
import { isJsonObject, type Json } from "@yardmaster/protocol";
import type { AttemptContext } from "./runner.ts";

/** What a process reads of its input, on stdin or in its file. With a line end, or `read` of a shell fails. */
export function stdinOf({ inputAs }: Pick<ProcessSpec, "inputAs">, input: Json): string {
  const text = inputAs === "text" && typeof input === "string" ? input : JSON.stringify(input);
  return `${text}\n`;
}

/** The input with the secrets in it: for the process alone, here or on a node. It is written down nowhere else. */
export function inputOf({ input, secrets }: Pick<AttemptContext, "input" | "secrets">): Json {
  return secrets === undefined || !isJsonObject(input) ? input : { ...input, secrets };
}
