import type { Reason } from "@yardmaster/protocol/node";

/** Why something was not done: for the result's `error` and `error_detail`. */
export interface Refusal {
  readonly reason: Reason | "command_not_allowed";
  /** What failed, on what, what to do. */
  readonly detail: string;
}

export function refuse(reason: Refusal["reason"], detail: string): { readonly refusal: Refusal } {
  return { refusal: { reason, detail } };
}

/** The code of a system error (`ENOENT`), or what else it says. */
export function codeOf(error: unknown): string {
  if (error instanceof Error) return "code" in error ? String(error.code) : error.message;
  return String(error);
}
