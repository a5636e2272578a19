import type { NodeFrames } from "@yardmaster/protocol/node";
import { createHeldMarker } from "../base/held-marker.ts";
import type { ShellEvidence } from "../base/shell-health.ts";
import type { CallFlag, ExecRequest } from "../hub.types.ts";
import type { CallLink } from "./call.types.ts";
import { createOutput, type Output, type OutputOptions } from "./output.ts";

/** What is particular to a command on a base client, one that does not know `exec_strict`. */

type Last = NodeFrames["exec_result"] | (NodeFrames["exec_chunk"] & { readonly more: false });

/** What it will not do, so that the reader of the result knows. */
export function baseFlags(to: CallLink, { env }: ExecRequest): CallFlag[] {
  const flags: CallFlag[] = [];
  if (env !== undefined && Object.keys(env).length > 0) flags.push("env_unverified");
  if (to.has("exec_chunk"))
    flags.push(to.node.base.chunks === "merge" ? "stderr_merged" : "stderr_missing");
  return flags;
}

/** It knows no credit, and is lost when its writes wait: its output is kept here for a slow reader. */
export function createBaseOutput(options: Pick<OutputOptions, "onOutput" | "unreadBytes">): Output {
  const marker = createHeldMarker();
  return createOutput({ ...options, pass: marker.pass, maxBytes: 0, onTaken: () => undefined });
}

/** What the end of its command says of its shell. */
export function shellEvidence(last: Last, isProbe: boolean): ShellEvidence {
  const stderrBytes = "stderr" in last ? Buffer.byteLength(last.stderr) : 0;
  return { status: last.status, exitCode: last.exit_code, stderrBytes, isProbe };
}
