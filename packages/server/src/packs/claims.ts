import type { PackDefinition } from "@yardmaster/kernel";
import type { Claims } from "./packs.store.ts";

/** The names that no other pack may define. */
export function claimsOf(pack: PackDefinition): Claims {
  return {
    queues: pack.queues.map((queue) => queue.name),
    sources: pack.sources.map((source) => source.name),
  };
}
