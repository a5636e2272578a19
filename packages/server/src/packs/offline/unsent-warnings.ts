import { type DocumentNode, nodeAt, type PackDefinition, type Problem } from "@yardmaster/kernel";
import { nearest } from "@yardmaster/protocol";

/**
 * Rules on a type that begins with the name of their own pack, where no sensor of it sends that. Such an event may be
 * sent over the API all the same.
 */
export function unsentWarnings(
  { name, sensors }: Pick<PackDefinition, "name" | "sensors">,
  roots: readonly DocumentNode[],
): Problem[] {
  const sent = sensors.flatMap(({ events }) => [...events.keys()]);
  if (sent.length === 0) return [];
  return roots.flatMap((root) => {
    if (root.kind !== "map" || !root.entries.has("rule")) return [];
    const on = nodeAt(root, ["on"]);
    if (on.kind !== "scalar" || typeof on.value !== "string") return [];
    if (!on.value.startsWith(`${name}.`) || isSent(on.value, sent)) return [];
    const near = nearest(on.value, sent);
    const hint =
      near === undefined
        ? `its sensors send ${sent.join(", ")}; only events sent over the API are "${on.value}"`
        : `did you mean ${near}?`;
    return [{ ...on.place, message: `no sensor of the pack sends "${on.value}"`, hint }];
  });
}

function isSent(type: string, sent: readonly string[]): boolean {
  if (!type.endsWith(".*")) return sent.includes(type);
  return sent.some((one) => one.startsWith(type.slice(0, -1)));
}
