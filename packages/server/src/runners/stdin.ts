import type { ProcessSpec } from "@yardmaster/kernel";
import type { Json } from "@yardmaster/protocol";

/** What a process reads of its input, on stdin or in its file. With a line end, or `read` of a shell fails. */
export function stdinOf({ inputAs }: Pick<ProcessSpec, "inputAs">, input: Json): string {
  const text = inputAs === "text" && typeof input === "string" ? input : JSON.stringify(input);
  return `${text}\n`;
}
