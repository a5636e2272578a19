import type { Io, OutputStream } from "../io.ts";

/** Whether a line there can be drawn over. TERM=dumb (a shell in an editor, many a log of CI) is a terminal that cannot. */
export function isRedrawable(stream: OutputStream, env: Io["env"]): boolean {
  return stream.isTTY === true && env["TERM"] !== "dumb";
}
