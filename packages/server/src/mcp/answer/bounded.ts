/** What one answer may hold as JSON: some 10,000 tokens of a model's context. */
const MAX_CHARS = 40_000;
/** What a text and a list may hold; a list of a page (`items`) is never cut. Tighter where the whole is too large. */
const BOUNDS = [
  { chars: 8_000, items: 200 },
  { chars: 2_000, items: 50 },
  { chars: 500, items: 20 },
  { chars: 200, items: 5 },
  { chars: 60, items: 2 },
] as const;
/** Places that are named where something was cut. */
const MAX_NAMED = 8;

export interface Bounded {
  readonly value: object;
  /** What was left out and where, in words; empty where nothing was. */
  readonly cut: readonly string[];
}

/** Whether all of a page can be told: texts of it may still be cut, but no item of it is left out. */
export function fits(page: object): boolean {
  return JSON.stringify(bound(page, BOUNDS[1]).value).length <= MAX_CHARS;
}

/** The value as far as an answer may hold it. Texts stay texts and lists stay lists, so that its schema still holds. */
export function bounded(value: object): Bounded {
  if (JSON.stringify(value).length <= MAX_CHARS) return { value, cut: [] };
  let last: Bounded = { value, cut: [] };
  for (const bounds of BOUNDS) {
    last = bound(value, bounds);
    if (JSON.stringify(last.value).length <= MAX_CHARS) return last;
  }
  return last;
}

interface Bounds {
  readonly chars: number;
  readonly items: number;
}

function bound(value: object, bounds: Bounds): Bounded {
  const cut: string[] = [];
  const note = (place: string, what: string): void => {
    if (cut.length < MAX_NAMED) cut.push(`${place}: ${what}`);
    else if (cut.length === MAX_NAMED) cut.push("and more");
  };

  function within(one: unknown, place: string): unknown {
    if (typeof one === "string") {
      if (one.length <= bounds.chars) return one;
      const left = one.length - bounds.chars;
      note(place, `${left} of ${one.length} characters left out`);
      return `${one.slice(0, bounds.chars).replace(/[\ud800-\udbff]$/, "")} … (${left} more characters)`;
    }
    if (typeof one !== "object" || one === null) return one;
    if (Array.isArray(one)) {
      const most = place === "items" ? one.length : bounds.items;
      if (one.length > most) note(place, `${one.length - most} of ${one.length} items left out`);
      return one.slice(0, most).map((each, i) => within(each, `${place}[${i}]`));
    }
    return Object.fromEntries(
      Object.entries(one).map(([key, each]) => [
        key,
        within(each, place === "" ? key : `${place}.${key}`),
      ]),
    );
  }

  return { value: within(value, "") as object, cut };
}
