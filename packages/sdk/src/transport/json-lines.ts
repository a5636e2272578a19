import { AppError } from "@yardmaster/protocol/core";
import { bodyPieces } from "./body-pieces.ts";

/**
 * Lines of a body, without empty ones; the last one counts only with its line feed, as a cut connection may have cut it
 * too. The body is read no faster than the lines are taken, and given up when they are taken no longer.
 */
export async function* readLines(response: Response): AsyncGenerator<string, void, undefined> {
  if (response.body === null)
    throw new AppError("unavailable", `${response.url} answered without a body`);
  const decoder = new TextDecoder();
  let rest = "";
  for await (const piece of bodyPieces(response.body)) {
    const lines = (rest + decoder.decode(piece, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) if (line !== "") yield line;
  }
}
