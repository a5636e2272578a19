import { AppError, CHANGE_TYPES, nearest, type Scope } from "@yardmaster/protocol";
import type { Change } from "../engine/index.ts";

export interface ChangeFilter {
  /** Separated by commas; each may end in `*`. */
  readonly types?: string | undefined;
  readonly run?: string | undefined;
}

/** What a token must allow to see the changes of a kind, which the first part of a type names; else `runs:read`. */
const SCOPES: Readonly<Record<string, Scope>> = {
  event: "events:read",
  node: "nodes:read",
  sensor: "sensors:read",
  inquiry: "inquiries:read",
};

/**
 * Whether a subscriber wants a change, and may see it: of what the token does not allow nothing is told, as the lists
 * of it tell nothing.
 * @throws AppError `invalid_request` for types that no change has, `forbidden` where all that were asked for are those
 *   of another scope
 */
export function changeFilter(
  { types, run }: ChangeFilter,
  scopes: readonly Scope[],
): (change: Change) => boolean {
  const asked = types?.split(",").map((type) => type.trim()) ?? ["*"];
  for (const pattern of asked) checkKnown(pattern);
  const wanted = CHANGE_TYPES.filter((type) => asked.some((pattern) => matches(type, pattern)));
  const allowed = new Set<string>(wanted.filter((type) => mayRead(type, scopes)));
  if (allowed.size === 0) throw lacking(wanted[0] as string, scopes);
  return ({ type, id, run_id: ofRun }) =>
    allowed.has(type) && (run === undefined || id === run || ofRun === run);
}

function matches(type: string, pattern: string): boolean {
  return pattern.endsWith("*") ? type.startsWith(pattern.slice(0, -1)) : type === pattern;
}

function mayRead(type: string, scopes: readonly Scope[]): boolean {
  return scopes.includes("admin") || scopes.includes(scopeOf(type));
}

function scopeOf(type: string): Scope {
  return SCOPES[type.split(".", 1)[0] as string] ?? "runs:read";
}

function checkKnown(pattern: string): void {
  if (CHANGE_TYPES.some((type) => matches(type, pattern))) return;
  const near = nearest(pattern, [...CHANGE_TYPES, ...new Set(CHANGE_TYPES.map(wholeKind))]);
  const message = "is no type of change";
  const hint = near === undefined ? undefined : `Did you mean ${near}?`;
  const detail = `The query: types: ${pattern.slice(0, 100)} ${message}${hint ? `. ${hint}` : ""}`;
  throw new AppError("invalid_request", detail, {
    errors: [
      {
        ...{ path: "/types", message, got: pattern.slice(0, 100) },
        expected: `one of ${CHANGE_TYPES.join(", ")}, or the beginning of one with * behind it`,
        ...(hint !== undefined && { hint }),
      },
    ],
  });
}

/** `run.*` of `run.created`. */
function wholeKind(type: string): string {
  return `${type.split(".", 1)[0]}.*`;
}

function lacking(type: string, scopes: readonly Scope[]): AppError {
  const scope = scopeOf(type);
  const message = `lacks the scope ${scope}`;
  return new AppError("forbidden", `The token ${message}, which ${type} needs`, {
    errors: [{ path: "Authorization", message, expected: scope, got: scopes.join(", ") }],
  });
}
