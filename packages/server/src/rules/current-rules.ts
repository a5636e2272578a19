import type { RuleDefinition } from "@yardmaster/kernel";
import { AppError } from "@yardmaster/protocol";
import { coalesced, type Packs, type RuleSet } from "../packs/index.ts";
import type { Switches } from "./switches.store.ts";

/** Rules and switches of one revision. */
export interface CurrentRules extends RuleSet {
  isOn(rule: RuleDefinition): boolean;
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
  packs: Pick<Packs, "rules" | "refresh">,
  readSwitches: () => Promise<Switches>,
): RuleBook {
  let switches: Switches | undefined;
  let view: CurrentRules | undefined;

  function current(): CurrentRules | undefined {
    const rules = packs.rules();
    if (switches === undefined || switches.revision !== rules.revision) return undefined;
    if (view?.revision !== rules.revision) view = withSwitches(rules, switches);
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

function withSwitches(rules: RuleSet, switches: Switches): CurrentRules {
  return {
    revision: rules.revision,
    all: rules.all,
    rulesFor: (type) => rules.rulesFor(type),
    isOn: (rule) => switches.enabled.get(rule.ref) ?? rule.enabled,
  };
}
