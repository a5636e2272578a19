import { traceIdOf, traceOfId } from "../trace/run-trace.ts";
import type { RunRecord } from "./reading.types.ts";

export interface EndLog {
  info(details: object, message: string): void;
  debug?(details: object, message: string): void;
  /** Without it nothing is told. */
  isLevelEnabled?(level: string): boolean;
}

/**
 * One line for each run that ended here: at level info where it did not do its work, else at debug. `read` makes the
 * record, which is not paid for where the level is off.
 */
export function logEnd(log: EndLog, status: string, read: () => RunRecord): void {
  const isBad = status === "failed" || status === "timed_out";
  if (log.isLevelEnabled?.(isBad ? "info" : "debug") !== true) return;
  const line = lineOf(read());
  if (isBad) log.info(line, "run ended");
  else log.debug?.(line, "run ended");
}

function lineOf({ id, ref, status, error, event_id, traceparent }: RunRecord): object {
  return {
    run_id: id,
    ref,
    status,
    code: error?.code,
    event_id: event_id ?? undefined,
    trace_id: traceIdOf(traceparent ?? traceOfId(id)),
  };
}
