import type { Hub } from "../hub.types.ts";
import type { NodeSlot } from "../link/node-slot.ts";
import { execOperations } from "./exec-operations.ts";
import { fileOperations } from "./file-operations.ts";
import type { OperationDeps } from "./operation.ts";
import { probe } from "./probe.ts";
import { shellOperations } from "./shell-operations.ts";

type Operations = Pick<
  Hub,
  "exec" | "input" | "resize" | "cancel" | "read" | "write" | "reset" | "sessions"
> & { probe(slot: NodeSlot): void };

/** What can be asked of nodes. */
export function createOperations(deps: OperationDeps): Operations {
  return {
    ...execOperations(deps),
    ...fileOperations(deps),
    ...shellOperations(deps),
    probe: (slot) => void probe(deps, slot),
  };
}
