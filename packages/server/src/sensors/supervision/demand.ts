import type { RuleDefinition, SensorDefinition } from "@yardmaster/kernel";
import type { CurrentRules } from "../../rules/index.ts";

/** Whether anybody wants what a sensor sends. */
export interface Demand {
  /** Its types to which a rule that is on listens. */
  readonly listened: readonly string[];
  /** Rules that are on and listen. */
  readonly rules: readonly string[];
  /** Rules that would listen, and are paused or off. */
  readonly idle: readonly string[];
}

export function demandOf(
  { events }: Pick<SensorDefinition, "events">,
  current: Pick<CurrentRules, "rulesFor" | "standing">,
): Demand {
  const listened: string[] = [];
  const [rules, idle] = [new Set<string>(), new Set<string>()];
  const isOn = (rule: RuleDefinition): boolean => current.standing(rule).status === "active";
  for (const type of events.keys()) {
    const listening = current.rulesFor(type);
    if (listening.some(isOn)) listened.push(type);
    for (const rule of listening) (isOn(rule) ? rules : idle).add(rule.ref);
  }
  return { listened, rules: [...rules], idle: [...idle] };
}

/** Why it is not to run; undefined where it is. */
export function notWanted(
  sensor: SensorDefinition | undefined,
  pausedBy: string | null,
  current: Pick<CurrentRules, "rulesFor" | "standing">,
): string | undefined {
  if (sensor === undefined) return "no active pack declares it any more";
  if (pausedBy !== null) return `it is paused by ${pausedBy}`;
  const demand = demandOf(sensor, current);
  return demand.listened.length > 0 ? undefined : reasonOf(sensor, demand);
}

const MAX_NAMED = 3;

/** Why it runs, or does not, as far as that is up to the rules. */
export function reasonOf({ events }: Pick<SensorDefinition, "events">, demand: Demand): string {
  const { rules, idle } = demand;
  if (rules.length > 0)
    return `${named(rules, "rule", "rules")} ${rules.length === 1 ? "listens" : "listen"} to it`;
  const types = named([...events.keys()], "", "", "or");
  if (idle.length === 0) return `no rule listens to ${types}`;
  return `no rule that is on listens to it: ${named(idle, "rule", "rules")} ${idle.length === 1 ? "is" : "are"} paused or off`;
}

function named(names: readonly string[], one: string, many: string, last = "and"): string {
  const word = names.length === 1 ? one : many;
  const shown = names.slice(0, MAX_NAMED);
  const more = names.length - shown.length;
  const parts = more > 0 ? [...shown, `${more} more`] : shown;
  const list =
    parts.length === 1 ? parts[0] : `${parts.slice(0, -1).join(", ")} ${last} ${parts.at(-1)}`;
  return `${word} ${list}`.trim();
}
