import { isSampled, senderOf, traceIdOf } from "./run-trace.ts";

/** One stretch of a trace (OpenTelemetry). Times are Unix milliseconds. */
export interface Span {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** 16 hexadecimal digits, made from the id of what it tells of: exported again, it is the same span. */
  readonly spanId: string;
  readonly parentId?: string;
  /** One of few: ids are attributes. */
  readonly name: string;
  readonly kind: "consumer" | "internal";
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes: SpanAttributes;
  readonly isError: boolean;
  /** What happened within it. */
  readonly events?: readonly {
    readonly name: string;
    readonly atMs: number;
    readonly attributes: SpanAttributes;
  }[];
}

/** Undefined is left out. */
export interface SpanAttributes {
  readonly [name: string]: string | number | undefined;
}

/** Takes spans for whoever collects them; never throws, and never makes anybody wait. */
export type TakeSpans = (spans: readonly Span[]) => void;

/** Where a span belongs in its trace; undefined where the trace is not sampled. A trace made of its own id has no sender. */
export function placeInTrace(
  traceparent: string,
  spanId: string,
  parentId = senderOf(traceparent),
): Pick<Span, "traceId" | "spanId" | "parentId"> | undefined {
  if (!isSampled(traceparent)) return undefined;
  const place = { traceId: traceIdOf(traceparent), spanId };
  return parentId === spanId ? place : { ...place, parentId };
}

/** An end before its start is the clocks of two machines. */
export function spanTimes(
  startMs: number | undefined,
  endMs: number,
): Pick<Span, "startMs" | "endMs"> {
  return { startMs: Math.min(startMs ?? endMs, endMs), endMs };
}
