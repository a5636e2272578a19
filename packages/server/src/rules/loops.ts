import { isJsonObject } from "@yardmaster/protocol";
import type { Pool } from "pg";
import { causesOf, type EventRecord } from "../events/index.ts";

/** Runs that may follow from one another, each started by the end of the one before or by what that sent, where no setting says otherwise. */
export const DEFAULT_LOOP_DEPTH = 8;

/** How the reason of a decision begins that was held back for it. */
export const LOOP_CUT = "a loop is cut";

/** Events of the chain that a reason names, from the last one back. */
const CHAIN_SHOWN = 20;

/**
 * Why nothing may be started of an event, where so many runs stand behind it that it must be a loop (run → event →
 * rule → run): the sentence ends with the rules of the chain, the oldest first. Undefined for every other event.
 */
export async function loopCut(
  pool: Pool,
  event: EventRecord,
  maxDepth: number,
): Promise<string | undefined> {
  if (event.depth <= maxDepth) return undefined;
  const before =
    event.causedBy === null ? [] : await causesOf(pool, event.causedBy, CHAIN_SHOWN - 1);
  const named = [event, ...before].flatMap(({ type, data }) => {
    // Each of our own says by which rule, or by whom, its run was started; one from outside began the chain, or a run sent it.
    if (!type.startsWith("yard.")) return [type];
    const by = isJsonObject(data) ? (data["rule"] ?? data["created_by"]) : undefined;
    return typeof by === "string" ? [by] : [];
  });
  const chain = named.toReversed();
  const more = event.depth > CHAIN_SHOWN ? "… → " : "";
  return `${LOOP_CUT}: ${event.depth} runs stand behind the event, and at most ${maxDepth} may follow from one another (YARD_LOOP_DEPTH): ${more}${chain.join(" → ")}`;
}
