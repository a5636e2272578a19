/**
 * The `tracestate` (W3C) that an attempt hands on: of which run it is. What comes back with it, such as an event that a
 * program posts, is known for what that run did, by a server of the same installation.
 */
export function traceStateOf(runId: string): string {
  return `yard=${runId}`;
}

const OUR_MEMBER = /(?:^|,)[ \t]*yard=([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})[ \t]*(?:,|$)/;

/** The run that a header names, among what others have put into it; undefined where it names none. */
export function runOfTraceState(header: unknown): string | undefined {
  return typeof header === "string" ? OUR_MEMBER.exec(header)?.[1] : undefined;
}
