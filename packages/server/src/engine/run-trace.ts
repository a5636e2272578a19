/**
 * The trace (W3C `traceparent`) of an event or a run that was given none, made from its id: it is the same whenever
 * and wherever it is asked for, so that it is kept nowhere.
 */
export function traceOfId(id: string): string {
  const hex = id.replaceAll("-", "");
  return `00-${hex}-${hex.slice(16)}-01`;
}

/** The trace id within a `traceparent`. */
export function traceIdOf(traceparent: string): string {
  return traceparent.slice(3, 35);
}
