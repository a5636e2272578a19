import {
  AppError,
  ERRORS,
  type ErrorCode,
  type FieldError,
  type Problem,
} from "@yardmaster/protocol";

/** One request to the API of this very server. */
export interface ApiRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** With its query. */
  readonly path: string;
  readonly headers?: { readonly [name: string]: string };
  /** Sent as JSON. */
  readonly body?: unknown;
}

export interface ApiAnswer {
  readonly status: number;
  readonly headers: { readonly [name: string]: string | undefined };
  readonly body: unknown;
}

/**
 * Asks the API as whoever holds the token would: through its admission, its checks, its keys and its audit.
 * @throws AppError what it refuses
 */
export type ApiCall = (request: ApiRequest) => Promise<ApiAnswer>;

/** A request without a socket, as `http/` serves it. */
export type Inject = (request: {
  readonly method: ApiRequest["method"];
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly payload?: string;
}) => Promise<{
  readonly statusCode: number;
  readonly headers: { readonly [name: string]: unknown };
  readonly payload: string;
}>;

/** `headers` go with each request: the token, and what ties it to the one that it is made for. */
export function createApiCall(inject: Inject, headers: Record<string, string>): ApiCall {
  return async ({ method, path, headers: own = {}, body }) => {
    const typed = body === undefined ? {} : { "content-type": "application/json" };
    const answer = await inject({
      method,
      url: path,
      headers: { ...headers, ...typed, ...own },
      ...(body !== undefined && { payload: JSON.stringify(body) }),
    });
    const told = answer.payload === "" ? undefined : (JSON.parse(answer.payload) as unknown);
    if (answer.statusCode >= 400) throw refusalOf(told as Problem);
    return {
      status: answer.statusCode,
      headers: answer.headers as ApiAnswer["headers"],
      body: told,
    };
  };
}

function refusalOf({ code, detail, errors }: Problem): AppError {
  const known: ErrorCode = code in ERRORS ? code : "internal";
  return new AppError(known, detail, { errors: errors as FieldError[] });
}
