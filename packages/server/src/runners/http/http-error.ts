import type { HttpRequest } from "@yardmaster/kernel";
import type { JsonFlaw, WorkError } from "@yardmaster/protocol";
import { placeOf } from "../../json/index.ts";
import { MASK, type Masker } from "../masking/index.ts";
import { tooLarge, tooMuch } from "../output/output.ts";
import { ConnectTimeout } from "./exchange.ts";
import { BlockedAddress } from "./guard.ts";
import { TooLargeBody } from "./incoming.ts";
import type { Outgoing } from "./outgoing.ts";
import { describe, hide } from "./secrets.ts";

/** Why a request has no response that can be used. What was sent stands in none of the messages. */
export function requestError(
  error: unknown,
  to: Outgoing,
  limits: { readonly connectTimeoutMs: number; readonly responseLimitBytes: number },
): WorkError {
  const where = describe(to);
  if (error instanceof BlockedAddress) {
    const host = error.host.includes(":") ? `[${error.host}]` : error.host;
    const allow = `An operator may allow it: YARD_HTTP_ALLOW=${host}:${error.port}`;
    const message = `${where} was not sent: ${error.message}. ${allow}`;
    return { code: "http_blocked", message, details: { host: error.host } };
  }
  if (error instanceof TooLargeBody) {
    const { message, ...rest } = tooLarge(error.bytes, limits.responseLimitBytes);
    return { ...rest, message: `${where}: ${message}` };
  }
  if (error instanceof ConnectTimeout) {
    const message = `${where} failed: there was no connection within ${limits.connectTimeoutMs / 1000} s.`;
    return { code: "http_failed", message, details: { error: "connect_timeout" } };
  }
  const { code, message } = causeOf(error);
  return {
    code: "http_failed",
    message: `${where} failed: ${message}`,
    details: { error: code },
  };
}

/** A response that the action did not expect. */
export function statusError(
  from: Outgoing,
  response: {
    readonly status: number;
    readonly phrase: string;
    readonly start: Buffer;
    /** Of a redirect that was not followed: why. */
    readonly stayed: string | undefined;
  },
  request: HttpRequest,
  retryAfterMs: number | undefined,
): WorkError {
  const { status, phrase, start, stayed } = response;
  const text = hide(start.toString("utf8"), request).trim();
  const why = stayed === undefined ? "" : `, ${stayed}`;
  const said = text === "" ? why : `${why}: ${text}`;
  return {
    code: "http_status",
    message: `${describe(from)} was answered ${status} ${phrase}`.trimEnd() + said,
    details: { status, ...(retryAfterMs === undefined ? {} : { retry_after_ms: retryAfterMs }) },
  };
}

/** A body of JSON that has the bytes, and yet is more than can be read. */
export function excessError(from: Outgoing, excess: string): WorkError {
  return tooMuch(`The response of ${describe(from)} cannot be read at once: ${excess}`);
}

/** A body whose content type says JSON and which is none. */
export function bodyError(
  from: Outgoing,
  text: string,
  flaw: JsonFlaw,
  { request, masker }: { readonly request: HttpRequest; readonly masker: Masker | undefined },
): WorkError {
  const { line, column, excerpt } = placeOf(text, flaw);
  // The excerpt may begin or end within a secret.
  const holdsSecret = masker !== undefined && masker.text(text) !== text;
  const near = holdsSecret ? MASK : hide(excerpt, request);
  return {
    code: "invalid_output",
    message: `the response of ${describe(from)} is not the JSON that its content type says: ${flaw.problem} at line ${line}, column ${column}, near ${JSON.stringify(near)}`,
    details: { line, column, excerpt: near },
  };
}

/** What OpenSSL makes of an answer in plain text; its code differs from one Node to the other, and says less. */
const NO_TLS = /wrong version number|packet length too long/i;

function causeOf(error: unknown): { code: string; message: string } {
  // Several addresses were tried: the first tells as much as all.
  const one: unknown = error instanceof AggregateError ? error.errors[0] : error;
  const code = one instanceof Error && "code" in one ? String(one.code) : "unknown";
  if (one instanceof Error && NO_TLS.test(one.message))
    return { code, message: `what answers there speaks no TLS: is it http://? (${code}).` };
  switch (code) {
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return { code, message: `the name of the host could not be resolved (${code}).` };
    case "ECONNREFUSED":
      return { code, message: "nobody listens there (ECONNREFUSED)." };
    case "ECONNRESET":
    case "EPIPE":
      return {
        code,
        message: `the connection was closed before the response was whole (${code}).`,
      };
    case "DEPTH_ZERO_SELF_SIGNED_CERT":
    case "SELF_SIGNED_CERT_IN_CHAIN":
    case "UNABLE_TO_GET_ISSUER_CERT_LOCALLY":
    case "UNABLE_TO_VERIFY_LEAF_SIGNATURE":
      return {
        code,
        message: `its certificate is of no authority that is known here (${code}); NODE_EXTRA_CA_CERTS of the worker may name one.`,
      };
    case "HPE_HEADER_OVERFLOW":
      return { code, message: "the headers of the response are larger than 16 KiB." };
    default:
      return { code, message: `${one instanceof Error ? one.message : String(one)} (${code}).` };
  }
}
