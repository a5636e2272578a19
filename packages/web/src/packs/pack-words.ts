import type { Pack } from "@yardmaster/protocol";

const PARTS = [
  ["workflows", "workflow"],
  ["actions", "action"],
  ["rules", "rule"],
  ["tasks", "task"],
  ["sensors", "sensor"],
  ["queues", "queue"],
  ["sources", "source"],
  ["agents", "agent"],
] as const satisfies readonly (readonly [keyof Pack, string])[];

/** What is in a pack, counted: `2 workflows, 1 rule`. */
export function contentWords(pack: Pack): string {
  const counts = PARTS.map(([part, word]) => {
    const count = pack[part].length;
    return count === 0 ? "" : `${count} ${count === 1 ? word : `${word}s`}`;
  });
  return counts.filter((count) => count !== "").join(", ") || "Nothing in it";
}

/** How many flaws were found. */
export function flawWords({ errors }: Pick<Pack, "errors">): string {
  return errors.length === 1 ? "1 problem" : `${errors.length} problems`;
}
