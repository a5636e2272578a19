/** Of a line of links of which one is chosen; where it is too long it scrolls. */
export const TABS_LOOK = "-mx-1 flex max-w-full gap-1 overflow-x-auto rounded-xl p-1 max-sm:pb-2";

export function tabLook(isChosen: boolean): string {
  return `rounded-lg px-2.5 py-1 font-medium whitespace-nowrap ${isChosen ? "bg-accent-soft text-accent" : "text-muted hover:bg-hover hover:text-ink"}`;
}
