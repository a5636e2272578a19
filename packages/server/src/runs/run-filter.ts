import { idDigits, type ListRuns } from "@yardmaster/protocol";
import type { RunFilter } from "../engine/index.ts";

type Wire = Omit<ListRuns, "limit" | "cursor" | "payloads" | "roots">;

/** What runs are chosen by, in the engine's words. */
export function engineFilter(filter: Wire): Omit<RunFilter, "limit"> {
  const { status, ref, event, parent, retry_of, trace, since, until } = filter;
  const idPrefix = filter.id_prefix && idDigits(filter.id_prefix);
  const idSuffix = filter.id_suffix && idDigits(filter.id_suffix);
  return {
    ...(status !== undefined && { status }),
    ...(ref !== undefined && { ref }),
    ...(event !== undefined && { eventId: event }),
    ...(parent !== undefined && { parentId: parent }),
    ...(retry_of !== undefined && { retryOf: retry_of }),
    ...(idPrefix !== undefined && { idPrefix }),
    ...(idSuffix !== undefined && { idSuffix }),
    ...(trace !== undefined && { traceId: trace }),
    ...(since !== undefined && { since: new Date(since) }),
    ...(until !== undefined && { until: new Date(until) }),
  };
}
