import { homedir } from "node:os";
import { join, resolve } from "node:path";

/** The files of a node, all in one folder that only its owner may enter. */
export interface StateFolder {
  readonly path: string;
  readonly config: string;
  /** What a node must remember that nobody writes by hand. */
  readonly memory: string;
  readonly audit: string;
  /** Why the server would not have it any more, the last time. */
  readonly ending: string;
  /** Where a running node answers `status` and `stop`. */
  readonly socket: string;
}

/** `--state`, else `yard-node` in the user's folder of configuration. */
export function stateFolder(
  given: string | undefined,
  env: NodeJS.ProcessEnv = process.env,
): StateFolder {
  const base = env["XDG_CONFIG_HOME"] || join(env["HOME"] || homedir(), ".config");
  const path = resolve(given ?? env["YARD_NODE_STATE"] ?? join(base, "yard-node"));
  return {
    path,
    config: join(path, "node.json"),
    memory: join(path, "memory.json"),
    audit: join(path, "audit.jsonl"),
    ending: join(path, "ending.json"),
    socket: socketOf(path),
  };
}

/** Windows has no sockets in folders that Node could listen on. */
function socketOf(path: string): string {
  if (process.platform !== "win32") return join(path, "node.sock");
  return `\\\\.\\pipe\\yard-node-${path.replaceAll(/[^A-Za-z0-9]/g, "-")}`;
}
