import type { NodeGrants } from "@yardmaster/protocol";
import { CAPABILITIES } from "@yardmaster/protocol/node";
import { expect, it } from "vitest";
import { allowedCapabilities, type SessionPolicy } from "./withhold.ts";

const POLICY: SessionPolicy = {
  grants: { exec: true, read: true, write: true, jobs: true, paths: null },
  base: { chunks: "on", env: "forward", stdin_guard: false },
  offersE2e: false,
  hasJobs: true,
};

/** What a session may not use. */
function withheld(more: Partial<SessionPolicy>, isBase = false): string[] {
  const allowed: readonly string[] = allowedCapabilities({ ...POLICY, ...more }, isBase);
  return CAPABILITIES.filter((token) => !allowed.includes(token));
}

const OF_EXEC = ["exec", "exec_chunk", "exec_strict", "stream", "input", "cancel", "reset"];

it.each<[Partial<NodeGrants>, string[]]>([
  [{}, []],
  [{ exec: false }, OF_EXEC],
  [{ read: false }, ["read"]],
  [{ write: false }, ["write"]],
  [{ read: false, write: false }, ["read", "write", "files"]],
  [{ jobs: false }, ["task"]],
])("with the grants %j these are withheld: %j", (grants, tokens) => {
  expect(withheld({ grants: { ...POLICY.grants, ...grants } })).toEqual(tokens);
});

it("what a session cannot carry is withheld too", () => {
  expect(withheld({ hasJobs: false })).toEqual(["task"]);
  expect(withheld({ offersE2e: true })).toEqual(["binary"]);
  expect(withheld({ base: { ...POLICY.base, chunks: "off" } }, true)).toEqual(["exec_chunk"]);
});
