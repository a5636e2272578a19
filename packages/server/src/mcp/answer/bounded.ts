/** What one answer may hold as JSON: some 10,000 tokens of a model's context. */
const MAX_CHARS = 40_000;
/**
 * What a text, a list and a map may hold; a list of a page (`items`) is never cut. Tighter where the whole is too large.
 * No map of the API itself has as many fields as are left of one.
 */
const BOUNDS = [
  { chars: 8_000, items: 200, fields: 1_000 },
  { chars: 2_000, items: 50, fields: 500 },
  { chars: 500, items: 20, fields: 200 },
  { chars: 200, items: 5, fields: 100 },
  { chars: 60, items: 2, fields: 60 },
  { chars: 60, items: 2, fields: 60, full: 20_000 },
] as const satisfies readonly Bounds[];
/** What stands in these is of any shape: its maps and lists may be told as empty ones. */
export const OF_ANY_SHAPE: ReadonlySet<string> = new Set([
  ...["input", "output", "data", "answer", "vars", "details"],
  ...["schema", "input_schema", "output_schema"],
]);
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

/** The value as far as an answer may hold it. Texts stay texts, lists lists and maps maps, so that its schema still holds. */
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
  readonly fields: number;
  /** Characters beyond which what may be of any shape is left empty. */
  readonly full?: number;
}

function bound(value: object, bounds: Bounds): Bounded {
  const { full = Number.POSITIVE_INFINITY } = bounds;
  const cut: string[] = [];
  let told = 0;
  const note = (place: string, what: string): void => {
    if (cut.length < MAX_NAMED) cut.push(`${place}: ${what}`);
    else if (cut.length === MAX_NAMED) cut.push("and more");
  };

  function within(one: unknown, place: string, isFree: boolean): unknown {
    if (typeof one !== "object" || one === null) told += Math.min(String(one).length, bounds.chars);
    if (typeof one === "string") {
      if (one.length <= bounds.chars) return one;
      const left = one.length - bounds.chars;
      note(place, `${left} of ${one.length} characters left out`);
      return `${one.slice(0, bounds.chars).replace(/[\ud800-\udbff]$/, "")} … (${left} more characters)`;
    }
    if (typeof one !== "object" || one === null) return one;
    const isFull = isFree && told > full;
    if (isFull) note(place, "left out");
    if (isFull) return Array.isArray(one) ? [] : {};
    if (Array.isArray(one)) {
      const most = place === "items" ? one.length : bounds.items;
      if (one.length > most) note(place, `${one.length - most} of ${one.length} items left out`);
      return one.slice(0, most).map((each, i) => within(each, `${place}[${i}]`, isFree));
    }
    const fields = Object.entries(one);
    const kept = fields.filter(([key]) => key.length <= bounds.chars).slice(0, bounds.fields);
    const left = fields.length - kept.length;
    if (left > 0) note(place, `${left} of ${fields.length} fields left out`);
    return Object.fromEntries(
      kept.map(([key, each]) => {
        // With its quotes, its colon and its comma.
        told += key.length + 4;
        const inner = place === "" ? key : `${place}.${key}`;
        return [key, within(each, inner, isFree || OF_ANY_SHAPE.has(key))];
      }),
    );
  }

  return { value: within(value, "", false) as object, cut };
}
