import type { RunFile } from "@yardmaster/protocol";
import { AppError } from "@yardmaster/protocol/core";
import { bodyPieces } from "../transport/body-pieces.ts";
import { pause } from "../transport/pause.ts";
import { isRefusal, retryDelayMs, STREAM_SETTINGS } from "../transport/retry.ts";
import type { CallOptions, Transport } from "../transport/transport.ts";

export interface FileOptions extends CallOptions {
  /** Begins at this byte: what comes before is there already. */
  readonly from?: number | undefined;
}

/**
 * The content of a file of a run, in pieces. A broken connection is made again and goes on where it ended. What it is
 * put together to, whoever asks compares with the file's checksum.
 */
export async function* readFile(
  transport: Transport,
  path: string,
  { bytes, sha256 }: Pick<RunFile, "bytes" | "sha256">,
  { from = 0, signal }: FileOptions,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
  const etag = `"${sha256}"`;
  let at = from;
  let hasBegun = false;
  for (let failures = 0; at < bytes; failures++) {
    try {
      const headers = at === 0 ? {} : { range: `bytes=${at}-`, "if-range": etag };
      const response = await transport.open({ path, headers, signal });
      hasBegun = true;
      if (at > 0 && response.status !== 206)
        throw new AppError("hash_mismatch", `the server has something else as ${sha256}`);
      for await (const piece of response.body === null ? [] : bodyPieces(response.body)) {
        failures = 0;
        at += piece.length;
        yield piece;
      }
      if (at >= bytes) return;
    } catch (error) {
      signal?.throwIfAborted();
      if (!hasBegun || isRefusal(error)) throw error;
    }
    await pause(retryDelayMs(failures, STREAM_SETTINGS), signal);
  }
}
