import type { Span, SpanAttributes } from "../../engine/index.ts";

export interface TraceResource {
  readonly serviceName: string;
  readonly version: string;
}

const KINDS: { readonly [K in Span["kind"]]: number } = { internal: 1, consumer: 5 };
const ERROR = 2;

/** Spans as a request of OTLP in JSON: ids in hexadecimal, times in nanoseconds as text. */
export function exportRequest(resource: TraceResource, spans: readonly Span[]): string {
  const { serviceName, version } = resource;
  return JSON.stringify({
    resourceSpans: [
      {
        resource: {
          attributes: attributes({ "service.name": serviceName, "service.version": version }),
        },
        scopeSpans: [{ scope: { name: "yardmaster", version }, spans: spans.map(otlpSpan) }],
      },
    ],
  });
}

function otlpSpan(span: Span): object {
  const { traceId, spanId, parentId, name, kind, isError, events = [] } = span;
  return {
    traceId,
    spanId,
    ...(parentId === undefined ? {} : { parentSpanId: parentId }),
    name,
    kind: KINDS[kind],
    startTimeUnixNano: nanoseconds(span.startMs),
    endTimeUnixNano: nanoseconds(span.endMs),
    attributes: attributes(span.attributes),
    status: isError ? { code: ERROR } : {},
    ...(events.length === 0
      ? {}
      : {
          events: events.map((event) => ({
            timeUnixNano: nanoseconds(event.atMs),
            name: event.name,
            attributes: attributes(event.attributes),
          })),
        }),
  };
}

/** A number cannot hold them. */
function nanoseconds(unixMs: number): string {
  return `${Math.round(unixMs)}000000`;
}

function attributes(given: SpanAttributes): object[] {
  const made: object[] = [];
  for (const [key, value] of Object.entries(given)) {
    if (value === undefined) continue;
    made.push({
      key,
      value: typeof value === "string" ? { stringValue: value } : { intValue: String(value) },
    });
  }
  return made;
}
