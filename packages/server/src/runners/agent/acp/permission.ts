import type { AgentPermissions } from "@yardmaster/kernel";
import type { JsonObject } from "@yardmaster/protocol";
import { mapsIn, nameIn } from "../programs/fields.ts";
import type { ToolCall } from "./tool-calls.ts";

/** Whether an agent may do what it asks for, and why not. */
export type Decision =
  | { readonly isAllowed: true }
  | { readonly isAllowed: false; readonly why: string };

const ALLOWED: Decision = { isAllowed: true };
const READS = ["read", "search", "think"];
const EDITS = ["edit", "delete", "move"];

/** By what the agent says that its tool does. What says nothing of that, or a word that is not known, is no reading. */
export function decide(
  permissions: AgentPermissions,
  { kind, paths, hasMorePaths }: ToolCall,
  isInside: (path: string) => boolean,
): Decision {
  if (permissions === "all" || READS.includes(kind)) return ALLOWED;
  if (permissions === "read" || !EDITS.includes(kind))
    return { isAllowed: false, why: `permissions: ${permissions}` };
  if (paths.length === 0)
    return { isAllowed: false, why: "permissions: edit, and it names no file" };
  const outside = paths.find((path) => !isInside(path));
  if (outside !== undefined)
    return { isAllowed: false, why: `permissions: edit, and ${outside} is not in its folder` };
  return hasMorePaths
    ? { isAllowed: false, why: "permissions: edit, and it names too many files" }
    : ALLOWED;
}

export const CANCELLED: JsonObject = { outcome: { outcome: "cancelled" } };

/**
 * The answer to a request for permission: once, and never for what is asked later, of which nothing is known yet.
 * Undefined where it offers nothing of the kind.
 */
export function chosen(params: JsonObject, { isAllowed }: Decision): JsonObject | undefined {
  const kind = isAllowed ? "allow_once" : "reject_once";
  const option = mapsIn(params, "options").find((one) => one["kind"] === kind);
  const optionId = option && nameIn(option, "optionId");
  return optionId === undefined ? undefined : { outcome: { outcome: "selected", optionId } };
}
