import { AppError } from "@yardmaster/protocol/core";

/**
 * Lines of a body, without empty ones; the last one counts only with its line feed, as a cut connection may have cut it
 * too. The body is read no faster than the lines are taken, and given up when they are taken no longer.
 */
export async function* readLines(response: Response): AsyncGenerator<string, void, undefined> {
  if (response.body === null)
    throw new AppError("unavailable", `${response.url} answered without a body`);
  const decoder = new TextDecoder();
  const reader = response.body.getReader();
  let rest = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const lines = (rest + decoder.decode(value, { stream: true })).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) if (line !== "") yield line;
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}
