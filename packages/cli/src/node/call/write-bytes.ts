import type { OutputStream } from "../../io.ts";

/** Writes bytes as they are, and waits for a reader that is slower than the node. */
export async function writeBytes(stream: OutputStream, bytes: Uint8Array): Promise<void> {
  if (stream.write(bytes) !== false || stream.once === undefined) return;
  await new Promise<void>((resolve) => stream.once?.("drain", resolve));
}
