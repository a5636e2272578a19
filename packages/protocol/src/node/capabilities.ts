/** What an unmodified base client can do. */
export const BASE_CAPABILITIES = ["exec", "exec_chunk", "read", "write"] as const;
/** What a hello without the list means. */
export const IMPLIED_CAPABILITIES = ["exec", "read", "write"] as const;

/** Every token that we know, and `binary`: output and files in binary messages. */
export const CAPABILITIES = [
  ...BASE_CAPABILITIES,
  "info",
  "exec_strict",
  "stream",
  "input",
  "cancel",
  "reset",
  "task",
  "resume",
  "lifecycle",
  "rotate",
  "files",
  "binary",
] as const;
export type Capability = (typeof CAPABILITIES)[number];

/** What a session may use: what the node offers (absent means the least), the server knows and its policy allows. */
export function agreeCapabilities(
  offered: readonly string[] | undefined,
  allowed: readonly Capability[] = CAPABILITIES,
): Capability[] {
  const theirs = new Set<string>(offered ?? IMPLIED_CAPABILITIES);
  return CAPABILITIES.filter((token) => theirs.has(token) && allowed.includes(token));
}
