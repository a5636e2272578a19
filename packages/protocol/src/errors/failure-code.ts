/** The code by which Node.js, PostgreSQL or a library names what went wrong: `ENOENT`, `23505`. Undefined where there is none. */
export function failureCode(thrown: unknown): string | undefined {
  if (!(thrown instanceof Error && "code" in thrown)) return undefined;
  return typeof thrown.code === "string" ? thrown.code : undefined;
}
