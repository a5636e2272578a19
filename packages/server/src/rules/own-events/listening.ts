import type { CurrentRules } from "../current-rules.ts";

/** Types to which rules listen, and since when (RFC 3339): what happened before is passed over. */
export type Listening = Readonly<Record<string, string>>;

/** To which of the types rules that are on listen; since the first of them was. */
export function listeningOn(types: readonly string[], rules: CurrentRules): Listening {
  const listening: Record<string, string> = {};
  for (const type of types) {
    const standings = rules.rulesFor(type).map((rule) => rules.standing(rule));
    const since = standings.filter(({ status }) => status === "active").map((one) => one.since);
    const [first] = since.sort();
    if (first !== undefined) listening[type] = first;
  }
  return listening;
}

/** What is listened to without a break keeps its time: a rule that is changed has not missed what came before. */
export function carriedOn(before: Listening, now: Listening): Listening {
  return Object.fromEntries(
    Object.entries(now).map(([type, since]) => [type, before[type] ?? since]),
  );
}

export function haveSameTypes(a: Listening, b: Listening): boolean {
  const types = Object.keys(a);
  return types.length === Object.keys(b).length && types.every((type) => b[type] !== undefined);
}

export function isNobodyListening(listening: Listening): boolean {
  return Object.keys(listening).length === 0;
}
