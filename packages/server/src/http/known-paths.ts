import { AppError, nearest } from "@yardmaster/protocol";
import type { Route } from "./route.ts";

export interface KnownPaths {
  /** Methods of the routes at a path, empty where there is none. */
  methodsOf(pathname: string): string[];
  /** What to say of a path that is not there. */
  notFound(method: string, pathname: string): AppError;
}

interface Known {
  readonly template: string;
  readonly pattern: RegExp;
  readonly methods: Set<string>;
}

/** Knows all paths, for the answers to requests that hit none of them. */
export function createKnownPaths(routes: readonly Route[]): KnownPaths {
  const known = new Map<string, Known>();
  for (const route of routes) {
    const { method, path } = route;
    const entry = known.get(path) ?? {
      template: path,
      pattern: patternOf(path),
      methods: new Set(),
    };
    known.set(path, entry);
    entry.methods.add(method);
    if (answersHead(route)) entry.methods.add("HEAD");
  }

  function methodsOf(pathname: string): string[] {
    const found = [...known.values()].filter((entry) => entry.pattern.test(pathname));
    return [...new Set(found.flatMap((entry) => [...entry.methods]))].sort();
  }

  function notFound(method: string, pathname: string): AppError {
    const near = nearest(
      pathname,
      [...known.values()].map((entry) => fitted(entry.template, pathname)),
    );
    const hint = near === undefined ? "All paths stand in /docs/api" : `Did you mean ${near}?`;
    const path = pathname.slice(0, 200);
    return new AppError("not_found", `There is no ${method} ${path}. ${hint}`, {
      errors: [{ path, message: "is not a path of this server", hint }],
    });
  }

  return { methodsOf, notFound };
}

/** What can be read answers HEAD too, without its body (RFC 9110, 9.3.2). */
export function answersHead({ method, isSocket }: Pick<Route, "method" | "isSocket">): boolean {
  return method === "GET" && isSocket !== true;
}

function patternOf(template: string): RegExp {
  const parts = template
    .split(/\{[^}]+\}/)
    .map((text) => text.replace(/[.*+?^$()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join("[^/]+")}/?$`);
}

/** The template with its parameters as the path has them, so that only the fixed parts are compared. */
function fitted(template: string, pathname: string): string {
  const asked = pathname.split("/");
  const parts = template.split("/");
  return parts.map((part, i) => (part.startsWith("{") ? (asked[i] ?? part) : part)).join("/");
}
