/** Why a tracker did not give what it was asked for. None of these is an empty answer. */
export type ProblemKind =
  /** Its token is not to be had, or the tracker knows it not. */
  | "auth"
  /** The token is good, and may not do this. */
  | "forbidden"
  | "not_found"
  /** Too much was asked: `retryAfterMs` says when more may be. */
  | "rate_limited"
  /** What was sent does not fit: it would be refused again. */
  | "rejected"
  /** It has another name or address now, which the message tells. */
  | "moved"
  /** No connection, no answer in time, or one that broke off. */
  | "unreachable"
  /** Its address is none that may be asked (`YARD_HTTP_ALLOW`). */
  | "blocked"
  /** It answered with an error of its own. */
  | "server_error"
  /** What came back cannot be read. */
  | "malformed";

export interface Problem {
  readonly kind: ProblemKind;
  readonly message: string;
  readonly status?: number | undefined;
  readonly retryAfterMs?: number | undefined;
}

/** What a tracker said, or why it said nothing: unreadable is never empty. */
export type Answer<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problem: Problem };

export function answered<T>(value: T): Answer<T> {
  return { ok: true, value };
}

export function failed(kind: ProblemKind, message: string, more: Partial<Problem> = {}) {
  return { ok: false, problem: { kind, message, ...more } } as const;
}

/** The same answer about something that is made of it. */
export function mapped<T, U>(answer: Answer<T>, make: (value: T) => U): Answer<U> {
  return answer.ok ? answered(make(answer.value)) : answer;
}
