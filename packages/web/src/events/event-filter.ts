import type { EventOutcome } from "@yardmaster/protocol";
import { isUuid } from "@yardmaster/protocol/core";

/** In the order in which the list offers them. */
export const EVENT_OUTCOMES = [
  "matched",
  "not_matched",
  "held",
  "error",
  "unheard",
] as const satisfies readonly EventOutcome[];

const TEXTS = ["type", "source", "subject", "rule", "trace"] as const;
const TIMES = ["since", "until"] as const;

/** What the list of events shows, as the address says it. */
export type EventFilter = {
  readonly outcome?: EventOutcome;
} & { readonly [Name in (typeof TEXTS)[number] | (typeof TIMES)[number]]?: string };

/** A page of it: what is older than the event `before`, else the newest. */
export type EventPlace = EventFilter & { readonly before?: string };

/** The place in an address; what is none is left out, so that an old link still shows events. */
export function readEventPlace(search: Readonly<Record<string, unknown>>): EventPlace {
  const outcome = EVENT_OUTCOMES.find((known) => known === search["outcome"]);
  const { before } = search;
  return {
    ...readTexts(search),
    ...readTimes(search),
    ...(outcome !== undefined && { outcome }),
    ...(typeof before === "string" && isUuid(before) && { before }),
  };
}

function readTexts(search: Readonly<Record<string, unknown>>): EventFilter {
  const texts = TEXTS.map((name): [string, string] => {
    const value = search[name];
    // A subject that is a number is read as one from an address that somebody wrote.
    return [name, typeof value === "string" || typeof value === "number" ? `${value}`.trim() : ""];
  });
  return Object.fromEntries(texts.filter(([, text]) => text !== ""));
}

function readTimes(search: Readonly<Record<string, unknown>>): EventFilter {
  const times = TIMES.flatMap((name): [string, string][] => {
    const at = Date.parse(String(search[name]));
    return Number.isNaN(at) ? [] : [[name, new Date(at).toISOString()]];
  });
  return Object.fromEntries(times);
}

/** What is chosen, whichever page of it is shown. */
export function filterOf({ before: _, ...filter }: EventPlace): EventFilter {
  return filter;
}

/** The filter with one thing changed; undefined takes it out. */
export function filterWith(
  filter: EventFilter,
  change: Partial<WithNone<EventFilter>>,
): EventFilter {
  const entries = Object.entries({ ...filter, ...change });
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}

type WithNone<T> = { readonly [Key in keyof T]: T[Key] | undefined };

export function isFiltered(filter: EventFilter): boolean {
  return Object.keys(filter).length > 0;
}
