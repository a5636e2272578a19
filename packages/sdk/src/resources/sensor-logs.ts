import type { SensorLogLine } from "@yardmaster/protocol";
import type { AwayNotes } from "../transport/away-notes.ts";
import { listPages } from "../transport/pages.ts";
import { pause } from "../transport/pause.ts";
import { isRefusal, retryDelayMs, STREAM_SETTINGS } from "../transport/retry.ts";
import type { Transport } from "../transport/transport.ts";

interface FollowOptions extends AwayNotes {
  readonly after: number | undefined;
  readonly tail: number | undefined;
  readonly signal: AbortSignal | undefined;
}

/** How long nothing new is waited for: a person reads along, and a question costs a look at one index. */
const LOOK_EACH_MS = 1_000;

/**
 * Lines as they are written. It is asked for what lies behind the last one again and again; a server that is away is
 * waited for, once it has answered. What it refuses is thrown, such as a sensor that is gone.
 */
export async function* followSensorLogs(
  transport: Transport,
  path: string,
  { after, tail, signal, onAway, onBack }: FollowOptions,
): AsyncGenerator<SensorLogLine, void, undefined> {
  let seen = after;
  let hasBegun = false;
  let failures = 0;
  const isHere = () => {
    if (failures > 0) onBack?.();
    failures = 0;
    hasBegun = true;
  };
  for (;;) {
    try {
      // Behind a line that was seen, or in an empty log, `tail` would leave out what has come since.
      const filter = hasBegun ? { after: seen ?? 0, signal } : { after, tail, signal };
      for await (const line of listPages<SensorLogLine, Filter>(transport, path, filter)) {
        isHere();
        seen = line.seq;
        yield line;
      }
      isHere();
    } catch (error) {
      signal?.throwIfAborted();
      if (!hasBegun || isRefusal(error)) throw error;
      if (failures === 0) onAway?.();
      failures++;
    }
    await pause(failures === 0 ? LOOK_EACH_MS : retryDelayMs(failures, STREAM_SETTINGS), signal);
  }
}

interface Filter {
  readonly after: number | undefined;
  readonly tail: number | undefined;
}
