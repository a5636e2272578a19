import { setTimeout as delay } from "node:timers/promises";
import { AppError } from "@yardmaster/protocol";
import { readEmbeddedRecord } from "../embedded/record.ts";

/**
 * How a process on the same data folder reaches the owner's PostgreSQL. Waits for an owner that is only
 * starting. @throws AppError `unavailable` when none has ever run here within `waitMs`.
 */
export async function joinDatabase(
  dataFolder: string,
  options: { readonly waitMs: number; onWait?(): void; readonly signal?: AbortSignal | undefined },
): Promise<{ readonly url: string; readonly home: string }> {
  let told = false;
  for (const deadline = performance.now() + options.waitMs; ; await delay(50)) {
    options.signal?.throwIfAborted();
    const record = readEmbeddedRecord(dataFolder);
    if (record?.url) return { url: record.url, home: record.home };
    if (performance.now() >= deadline) break;
    if (!told) options.onWait?.();
    told = true;
  }
  const what = `No server has started on the data folder ${dataFolder} yet, so there is nothing to join.`;
  throw new AppError("unavailable", `${what} Run \`yard start\` there first, or set DATABASE_URL.`);
}
