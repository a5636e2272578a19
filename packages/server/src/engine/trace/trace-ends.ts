import type { KeptRun } from "../keeper/kept-run.ts";
import { nodeSessionsOf, runSpans } from "./run-spans.ts";
import { isSampled, traceOfId } from "./run-trace.ts";
import type { TakeSpans } from "./span.ts";

export interface TraceEndsDeps {
  readonly take: TakeSpans;
  readonly nodeNames: (sessionIds: readonly string[]) => Promise<ReadonlyMap<string, string>>;
}

const NOBODY: ReadonlyMap<string, string> = new Map();

/** Hands over the spans of a run whose end this process has made durable. The names of its nodes are left out where they cannot be read. */
export function createTraceEnds({ take, nodeNames }: TraceEndsDeps) {
  return function traceEnd(run: KeptRun, endedAt: Date): void {
    if (!isSampled(run.traceparent ?? traceOfId(run.id))) return;
    const sessions = nodeSessionsOf(run);
    if (sessions.length === 0) return take(runSpans(run, endedAt, NOBODY));
    void nodeNames(sessions)
      .catch(() => NOBODY)
      .then((names) => take(runSpans(run, endedAt, names)));
  };
}
