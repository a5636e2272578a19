import type { IncomingHttpHeaders } from "node:http";

const NAME = /^[a-z][a-z0-9_]{0,63}$/;

/**
 * The event's name by its header. GitHub always sends it, and what passes the signature's header on can pass this one
 * on too; bodies of many events look alike, and a wrong guess would start a run.
 */
export function githubEventName(
  headers: IncomingHttpHeaders,
): string | { readonly problem: string } {
  const name = headers["x-github-event"];
  if (typeof name === "string" && NAME.test(name)) return name;
  return {
    problem: `the header X-GitHub-Event ${name === undefined || name === "" ? "is missing" : "names no event"}`,
  };
}
