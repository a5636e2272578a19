import { failureCode } from "@yardmaster/protocol";
import { readStart } from "./read-start.ts";

/** What the collector said to a request. `why` is for the log, and holds no header. */
export type Answer =
  | { readonly kind: "taken"; readonly rejected: number }
  | { readonly kind: "later"; readonly why: string; readonly afterMs: number | undefined }
  | { readonly kind: "refused"; readonly why: string };

export type Send = (body: string, signal: AbortSignal) => Promise<Answer>;

export interface CollectorOptions {
  readonly url: string;
  readonly headers: { readonly [name: string]: string };
  readonly timeoutMs: number;
  /** Unix milliseconds. */
  readonly now: () => number;
}

/** What OTLP says may be tried again. */
const LATER = new Set([429, 502, 503, 504]);
const MOST_ANSWER_BYTES = 64 * 1024;

/** Sends to a collector over HTTP. Never rejects: what goes wrong is an answer. */
export function createCollector({ url, headers, timeoutMs, now }: CollectorOptions): Send {
  return async function send(body, signal) {
    try {
      const response = await fetch(url, {
        method: "POST",
        headers: { ...headers, "content-type": "application/json" },
        body,
        // The headers are secrets of this collector and of no other.
        redirect: "manual",
        signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
      });
      const text = await readStart(response, MOST_ANSWER_BYTES);
      // Many answer in plain text, or with nothing; a page is the answer of something else at this address.
      if (response.ok && isPage(response))
        return { kind: "refused", why: "it answered with a page of HTML, as no collector does" };
      if (response.ok) return { kind: "taken", rejected: rejectedOf(text) };
      const why = `it answered ${response.status}`;
      return LATER.has(response.status)
        ? { kind: "later", why, afterMs: retryAfterMs(response.headers.get("retry-after"), now()) }
        : { kind: "refused", why };
    } catch (error) {
      return { kind: "later", why: whyOf(error), afterMs: undefined };
    }
  };
}

function isPage({ headers }: Response): boolean {
  return /^text\/html\b/i.test(headers.get("content-type") ?? "");
}

/** It took the rest, and wants these not again. */
function rejectedOf(text: string): number {
  try {
    const { partialSuccess } = JSON.parse(text) as {
      readonly partialSuccess?: { readonly rejectedSpans?: string | number };
    };
    const rejected = Number(partialSuccess?.rejectedSpans ?? 0);
    return Number.isSafeInteger(rejected) && rejected > 0 ? rejected : 0;
  } catch {
    return 0;
  }
}

/** Seconds, or a date. */
function retryAfterMs(header: string | null, now: number): number | undefined {
  if (header === null) return undefined;
  const ms = /^\d+$/.test(header) ? Number(header) * 1_000 : Date.parse(header) - now;
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}

function whyOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === "TimeoutError") return "it did not answer in time";
  const { cause } = error;
  return cause instanceof Error ? (failureCode(cause) ?? cause.message) : error.message;
}
