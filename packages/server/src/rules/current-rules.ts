import type { RuleDefinition } from "@yardmaster/kernel";
import { AppError } from "@yardmaster/protocol";
import { type ActivePack, coalesced, type Packs, type RuleSet } from "../packs/index.ts";
import type { Switches } from "./switches.store.ts";

/** Rules and switches of one revision. */
export interface CurrentRules extends RuleSet {
  standing(rule: RuleDefinition): Standing;
}

/** Whether a rule judges, since when (RFC 3339), and who said so. */
export interface Standing {
  readonly status: "active" | "paused" | "off";
  readonly since: string;
  /** Who switched it, or `pack:<name>` where its file decides. */
  readonly by: string;
}

export interface RuleBook {
  /** What events are judged by now; undefined when memory holds two different revisions: refresh first. */
  current(): CurrentRules | undefined;
  /** Brings memory up to the database as it is after the call began. Calls at the same time share the work. */
  refresh(): Promise<void>;
}

/** Definitions may change while they are read; so often in a row that they never come to rest they do not. */
const MAX_READS = 50;

export function createRuleBook(
  packs: Pick<Packs, "rules" | "active" | "refresh">,
  readSwitches: () => Promise<Switches>,
): RuleBook {
  let switches: Switches | undefined;
  let view: CurrentRules | undefined;

  function current(): CurrentRules | undefined {
    const rules = packs.rules();
    if (switches === undefined || switches.revision !== rules.revision) return undefined;
    if (view?.revision !== rules.revision) view = withSwitches(rules, switches, packs.active());
    return view;
  }

  async function refresh(): Promise<void> {
    for (let reads = 0; reads < MAX_READS; reads++) {
      await packs.refresh();
      switches = await readSwitches();
      if (current() !== undefined) return;
    }
    throw new AppError(
      "unavailable",
      "The definitions change faster than they can be read. Try again.",
    );
  }

  return { current, refresh: coalesced(refresh) };
}

function withSwitches(
  rules: RuleSet,
  switches: Switches,
  packs: readonly ActivePack[],
): CurrentRules {
  const activatedAt = new Map(packs.map((pack) => [pack.definition.name, pack.activatedAt]));
  const inPack = (rule: RuleDefinition): Standing => {
    const pack = packOf(rule.ref);
    const since = activatedAt.get(pack) ?? new Date(0).toISOString();
    return { status: rule.enabled ? "active" : "off", since, by: `pack:${pack}` };
  };
  return {
    revision: rules.revision,
    all: rules.all,
    rulesFor: (type) => rules.rulesFor(type),
    standing(rule) {
      const said = switches.of.get(rule.ref);
      if (said === undefined) return inPack(rule);
      const status = said.enabled ? "active" : "paused";
      return { status, since: said.changedAt, by: said.changedBy };
    },
  };
}

/** A rule's ref is `<pack>.<name>`. */
export function packOf(ref: string): string {
  return ref.slice(0, ref.indexOf("."));
}

/** By what a rule that does not judge holds back what it would; undefined for one that judges. */
export function heldBy({ status, since, by }: Standing): string | undefined {
  if (status === "active") return undefined;
  if (status === "paused") return `the rule is paused since ${since} by ${by}`;
  return "the rule is off in its pack (`enabled: false`)";
}
