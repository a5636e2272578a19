/** A W3C trace context, as the headers that carry it. */
export interface TraceContext {
  readonly traceparent: string;
  readonly tracestate?: string | undefined;
}

const TRACEPARENT = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;
const TRACESTATE = /^[\x21-\x7e][\x20-\x7e]{0,510}$/;

/** That of the program of a step, from the environment it was started with; undefined where there is none, or none that is valid. */
export function traceOfEnvironment(
  env: Readonly<Record<string, string | undefined>>,
): TraceContext | undefined {
  const traceparent = env["TRACEPARENT"];
  const tracestate = env["TRACESTATE"];
  if (traceparent === undefined || !TRACEPARENT.test(traceparent)) return undefined;
  if (tracestate === undefined || !TRACESTATE.test(tracestate)) return { traceparent };
  return { traceparent, tracestate };
}
