import { AppError, ERRORS, isAppError, type Problem } from "@yardmaster/protocol";
import { isConnectionLoss, standstillOf } from "../db/index.ts";

export const PROBLEM_TYPE = "application/problem+json";

/** Seconds until a client may try again when the database is away: reconnecting takes about one. */
const RETRY_AFTER_S = 1;

export interface ProblemReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Problem;
  /** How it is logged; `quiet` is the caller's mistake. */
  readonly level: "quiet" | "warn" | "error";
}

/** The answer to anything that was thrown. What is not an AppError tells the client nothing but an id. */
export function problemOf(thrown: unknown, requestId: string): ProblemReply {
  const error = normalize(thrown);
  const kind = ERRORS[error.code];
  // Codes of work (status 200) that are thrown at a request mean that it asked for what cannot be done.
  const status = kind.status < 400 ? 422 : kind.status;
  return {
    status,
    headers: headersOf(status),
    body: {
      type: `/docs/api#${error.code}`,
      title: kind.title,
      status,
      detail: error.message,
      code: error.code,
      errors: error.errors.map((one) => ({ ...one })),
      request_id: requestId,
    },
    level: status === 503 ? "warn" : status >= 500 ? "error" : "quiet",
  };
}

function headersOf(status: number): Record<string, string> {
  if (status === 401) return { "www-authenticate": 'Bearer realm="yardmaster"' };
  return status === 503 || status === 429 ? { "retry-after": String(RETRY_AFTER_S) } : {};
}

function normalize(thrown: unknown): AppError {
  if (isAppError(thrown)) return thrown;
  if (isConnectionLoss(thrown)) {
    const detail = standstillOf(thrown) ?? "PostgreSQL is out of reach at the moment; try again";
    return new AppError("unavailable", detail, { cause: thrown });
  }
  return (
    ofFramework(thrown) ??
    new AppError("internal", "The server has logged what broke under this request id")
  );
}

/** What fastify itself refuses. Its texts are safe: they speak of the request only. */
function ofFramework(thrown: unknown): AppError | undefined {
  if (!(thrown instanceof Error)) return undefined;
  const { code, statusCode } = thrown as { code?: unknown; statusCode?: unknown };
  if (typeof code !== "string" || !code.startsWith("FST_ERR_")) return undefined;
  if (statusCode === 413) return new AppError("too_large", thrown.message);
  if (statusCode === 415) return new AppError("unsupported_media_type", thrown.message);
  const isTheirs = typeof statusCode === "number" && statusCode >= 400 && statusCode < 500;
  return isTheirs ? new AppError("invalid_request", thrown.message) : undefined;
}
