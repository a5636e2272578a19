import { createHash } from "node:crypto";

/**
 * The trace (W3C `traceparent`) of an event or a run that was given none, made from its id: it is the same whenever
 * and wherever it is asked for, so that it is kept nowhere. Its span is that of the event or the run itself.
 */
export function traceOfId(id: string): string {
  return traceparentOf(id.replaceAll("-", ""), spanOfId(id), "01");
}

/** The trace id within a `traceparent`. */
export function traceIdOf(traceparent: string): string {
  return traceparent.slice(3, 35);
}

/** The span that whoever sent this `traceparent` was at. */
export function senderOf(traceparent: string): string {
  return traceparent.slice(36, 52);
}

/** Whether the sender keeps this trace; what it does not keep, nobody exports. */
export function isSampled(traceparent: string): boolean {
  return (Number.parseInt(traceparent.slice(53, 55), 16) & 1) === 1;
}

/** The span of an event or a run: the end of its id, which is random and, by its first bits, never zero. */
export function spanOfId(id: string): string {
  return id.replaceAll("-", "").slice(16);
}

/** The span of an attempt: the same wherever and how often it is made. */
export function spanOfAttempt(runId: string, slot: string, number: number): string {
  const hash = createHash("sha256").update(`${runId}|${slot}|${number}`).digest("hex");
  const span = hash.slice(0, 16);
  // Eight bytes of zero are no span id.
  return /[1-9a-f]/.test(span) ? span : hash.slice(16, 32);
}

/** The same trace, handed on by this span. */
export function traceFrom(traceparent: string, span: string): string {
  return traceparentOf(traceIdOf(traceparent), span, traceparent.slice(53, 55));
}

function traceparentOf(traceId: string, span: string, flags: string): string {
  return `00-${traceId}-${span}-${flags}`;
}
