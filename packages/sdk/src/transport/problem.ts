import { AppError, ERRORS, type ErrorCode, type FieldError } from "@yardmaster/protocol/core";

const BY_STATUS: Readonly<Record<number, ErrorCode>> = {
  401: "unauthorized",
  403: "forbidden",
  404: "not_found",
  409: "conflict",
  413: "too_large",
  415: "unsupported_media_type",
  422: "invalid_input",
  429: "rate_limited",
  502: "unavailable",
  503: "unavailable",
  504: "unavailable",
};

/**
 * The error of an answer that is none of 2xx: the problem's own code where this client knows it, else the one
 * nearest to the HTTP status (a newer server, a proxy).
 */
export async function errorOfResponse(response: Response): Promise<AppError> {
  const text = await response.text().catch(() => "");
  const problem = parse(text);
  const code = isCode(problem["code"]) ? problem["code"] : codeOfStatus(response.status);
  const detail =
    textOf(problem["detail"]) ?? textOf(problem["title"]) ?? foreignDetail(response, text);
  const requestId = textOf(problem["request_id"]);
  const suffix = response.status >= 500 && requestId !== undefined ? ` (request ${requestId})` : "";
  return new AppError(code, detail + suffix, { errors: fieldErrors(problem["errors"]) });
}

function codeOfStatus(status: number): ErrorCode {
  return BY_STATUS[status] ?? (status >= 500 ? "internal" : "invalid_request");
}

function isCode(value: unknown): value is ErrorCode {
  return typeof value === "string" && Object.hasOwn(ERRORS, value);
}

function parse(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** What a proxy or some other program at that address said, short enough for a line. */
function foreignDetail(response: Response, text: string): string {
  const said = text.replace(/\s+/g, " ").trim().slice(0, 200);
  return `${response.url} answered ${response.status}${said === "" ? "" : `: ${said}`}`;
}

function fieldErrors(value: unknown): FieldError[] {
  if (!Array.isArray(value)) return [];
  return value.filter(
    (entry): entry is FieldError =>
      typeof entry === "object" &&
      entry !== null &&
      typeof entry.path === "string" &&
      typeof entry.message === "string",
  );
}
