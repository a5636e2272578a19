import { extname } from "node:path";
import type { ProcessSpec } from "@yardmaster/kernel";
import type { WorkError } from "@yardmaster/protocol";
import { commandLineOf } from "../process/command-line.ts";

export interface RemoteLine {
  readonly argv: readonly string[];
  readonly interpreter?: string;
}

/** The interpreter of an entry, by the name under which a remote machine finds it. */
const INTERPRETERS: { readonly [extension: string]: string } = {
  ".js": "node",
  ".mjs": "node",
  ".cjs": "node",
  ".ts": "node",
  ".mts": "node",
  ".cts": "node",
  ".py": "python",
  ".sh": "sh",
};

/** What a remote machine executes for a spec, or why it cannot (`process_start`). */
export function remoteLineOf(spec: ProcessSpec): RemoteLine | WorkError {
  const { entry, args = [] } = spec;
  if (entry === undefined) {
    const line = commandLineOf(spec, "");
    return "code" in line ? line : { argv: [line.file, ...line.args] };
  }
  const interpreter = INTERPRETERS[extname(entry)];
  return { argv: [entry, ...args], ...(interpreter === undefined ? {} : { interpreter }) };
}
