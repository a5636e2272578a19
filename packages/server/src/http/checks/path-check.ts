import { AppError } from "@yardmaster/protocol";
import type { Route } from "../route.ts";
import type { Check } from "./check.ts";
import { textsCheck } from "./texts-check.ts";

/** What stands under a path by an id, and the command that lists the ids. */
const BY_ID: { readonly [plural: string]: string } = {
  runs: "run",
  events: "event",
  tokens: "token",
};

/**
 * Checks the path of a route. A text that is no id is one that nothing has, and is told as such. Throws AppError
 * not_found; invalid_request of a PUT, which would make what its path names.
 */
export function pathCheck({
  method,
  path,
  params,
}: Pick<Route, "method" | "path" | "params">): Check {
  const code = method === "PUT" ? "invalid_request" : "not_found";
  const check = textsCheck(params, { what: "The path", code });
  const plural = /^\/v1\/([a-z]+)\/\{id\}/.exec(path)?.[1] ?? "";
  const noun = BY_ID[plural];
  if (noun === undefined) return check;
  return (value) => {
    const flaw = params?.safeParse(value).error?.issues[0];
    if (flaw?.path[0] !== "id") return check(value);
    const id = String((value as { readonly id?: unknown }).id);
    const hint = `ids come from \`yard ${plural}\` or GET /v1/${plural}`;
    const errors = [{ path: "/id", message: "is no id", got: brief(id), hint }];
    throw new AppError("not_found", `There is no ${noun} ${brief(id)}; ${hint}`, { errors });
  };
}

const BRIEF_LENGTH = 80;

function brief(text: string): string {
  return text.length > BRIEF_LENGTH ? `${text.slice(0, BRIEF_LENGTH)}…` : text;
}
