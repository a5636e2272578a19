import type { Run } from "@yardmaster/protocol";
import { isFinal } from "@yardmaster/protocol/core";
import { openStream } from "../stream/stream.ts";
import type { AwayNotes } from "../transport/away-notes.ts";
import { pause } from "../transport/pause.ts";
import { isRefusal, retryDelayMs, STREAM_SETTINGS } from "../transport/retry.ts";
import type { CallOptions, Transport } from "../transport/transport.ts";

export interface WaitOptions extends CallOptions, AwayNotes {}

/**
 * Looks once the stream stands and again with each of its messages, so that no end can pass unseen between two looks.
 * What a server that goes away and comes back does not answer is asked again.
 */
export async function waitForEnd(
  transport: Transport,
  id: string,
  { signal, onAway, onBack }: WaitOptions,
): Promise<Run> {
  async function look(): Promise<Run> {
    for (let failures = 0; ; failures++) {
      try {
        const path = `/v1/runs/${encodeURIComponent(id)}`;
        const run = await transport.json<Run>({ path, signal });
        if (failures > 0) onBack?.();
        return run;
      } catch (error) {
        throwRefusal(error, signal);
        if (failures === 0) onAway?.();
        await pause(retryDelayMs(failures, STREAM_SETTINGS), signal);
      }
    }
  }

  for (let failures = 0; ; failures++) {
    const run = await look();
    if (isFinal(run.status)) return run;
    try {
      const request = { path: "/v1/stream", query: { run: id, types: "run.*" } };
      for await (const _message of openStream(transport, request, { signal })) {
        const changed = await look();
        if (isFinal(changed.status)) return changed;
      }
    } catch (error) {
      throwRefusal(error, signal);
      await pause(retryDelayMs(failures, STREAM_SETTINGS), signal);
    }
  }
}

function throwRefusal(error: unknown, signal: AbortSignal | undefined): void {
  signal?.throwIfAborted();
  if (isRefusal(error)) throw error;
}
