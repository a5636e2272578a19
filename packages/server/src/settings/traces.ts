import { z } from "zod";
import { text } from "./choices.ts";

const endpoint = text.superRefine((url, context) => {
  const message = endpointFlaw(url);
  if (message !== undefined) context.addIssue({ code: "custom", message });
});
const headers = text.transform((list, context) => {
  const read = readHeaders(list);
  if (typeof read !== "string") return read;
  context.addIssue({ code: "custom", message: read });
  return z.NEVER;
});

/** OpenTelemetry's own reading of a switch: nothing but "true", in whatever case, is so. */
const isTrue = z
  .union([z.boolean(), text], { error: "must be true or false" })
  .transform((given) => String(given).toLowerCase() === "true");

/** Where traces go. The names are OpenTelemetry's own, so that what is set for other programs is right here too. */
export const TRACE_SETTINGS = {
  OTEL_EXPORTER_OTLP_ENDPOINT: endpoint
    .optional()
    .describe(
      "Collector that gets traces, by OTLP over HTTP in JSON, at its path /v1/traces: http://localhost:4318. Without it, none are made.",
    ),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: endpoint
    .optional()
    .describe("The same, as the whole URL; goes before the other."),
  OTEL_EXPORTER_OTLP_HEADERS: headers
    .optional()
    .describe(
      "Headers that the collector wants, such as Authorization=Bearer%20TOKEN; commas between them, values percent-encoded.",
    ),
  OTEL_SERVICE_NAME: text
    .max(255, "must have at most 255 characters")
    .default("yardmaster")
    .describe("What the server is called in its traces."),
  OTEL_SDK_DISABLED: isTrue
    .default(false)
    .describe('With "true" nothing is traced, whatever collector is named.'),
} as const;

export interface TraceSettings {
  readonly url: string;
  readonly headers: { readonly [name: string]: string };
  readonly serviceName: string;
}

type Read = { readonly [N in keyof typeof TRACE_SETTINGS]: z.output<(typeof TRACE_SETTINGS)[N]> };

/** Undefined where nothing is traced. */
export function tracesOf(read: Read): TraceSettings | undefined {
  if (read.OTEL_SDK_DISABLED) return undefined;
  const base = read.OTEL_EXPORTER_OTLP_ENDPOINT;
  const url = read.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? (base && underBase(base));
  if (url === undefined) return undefined;
  return {
    url,
    headers: read.OTEL_EXPORTER_OTLP_HEADERS ?? {},
    serviceName: read.OTEL_SERVICE_NAME,
  };
}

function underBase(base: string): string {
  const url = new URL(base);
  url.pathname = `${url.pathname.replace(/\/+$/, "")}/v1/traces`;
  return url.href;
}

function endpointFlaw(text: string): string | undefined {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^https?:$/.test(url.protocol))
    return "must be a URL with http:// or https://, such as http://localhost:4318";
  if (url.username !== "" || url.password !== "")
    return "must hold no credentials; put them into OTEL_EXPORTER_OTLP_HEADERS";
  return undefined;
}

/** What is wrong, where it is; it never holds a value. */
function readHeaders(text: string): { [name: string]: string } | string {
  const read: { [name: string]: string } = {};
  for (const pair of text.split(",")) {
    const at = pair.indexOf("=");
    const name = pair.slice(0, Math.max(at, 0)).trim();
    if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name))
      return "must be NAME=VALUE, with commas between several";
    const value = decoded(pair.slice(at + 1).trim());
    if (value === undefined) return `the value of ${name} must be percent-encoded, in ASCII`;
    read[name.toLowerCase()] = value;
  }
  return read;
}

function decoded(text: string): string | undefined {
  try {
    const value = decodeURIComponent(text);
    return /^[\x20-\x7e]*$/.test(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
