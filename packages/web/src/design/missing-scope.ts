import { isAppError } from "@yardmaster/protocol/core";

/** The scope that the token would need for what was refused; undefined where it was not refused for that. */
export function missingScope(error: unknown): string | undefined {
  if (!isAppError(error) || error.code !== "forbidden") return undefined;
  return error.errors.find(({ path }) => path === "Authorization")?.expected;
}
