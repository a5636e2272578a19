import type { Json } from "@yardmaster/protocol";

/** A value of the event that a clause looks at. */
export interface SeenValue {
  /** As the clause writes it: `event.data.issue.labels[0].name`. */
  readonly path: string;
  readonly found: boolean;
  /** Null where it is not there; the beginning of its JSON where that is too long. */
  readonly value: Json;
  readonly cut: boolean;
}

/** Longest value that is shown whole, as JSON text. */
const MAX_SHOWN_LENGTH = 1_000;

const TEXT =
  /(?:[rRbB]{0,2})(?:"""[\s\S]*?"""|'''[\s\S]*?'''|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')/g;
const PATH = /(?<![\w.])event(?:\s*\.\s*[A-Za-z_]\w*|\s*\[\s*(?:\d+|§\d+§)\s*\])*(\s*\()?/g;
const PART = /\.\s*([A-Za-z_]\w*)|\[\s*(?:(\d+)|§(\d+)§)\s*\]/g;

/**
 * What an expression sees of the event: every path from `event` that stands in it. An index that is itself computed
 * ends a path. Texts are taken out first, as they may hold anything.
 */
export function seenValues(expression: string, event: Json): SeenValue[] {
  const texts: string[] = [];
  const bare = expression.replace(TEXT, (text) => `§${texts.push(text) - 1}§`);
  const seen = new Map<string, SeenValue>();
  for (const match of bare.matchAll(PATH)) {
    const parts = partsOf(match[0], texts);
    // `event.data.title.contains(…)`: the last word is a function.
    if (match[1] !== undefined) parts.pop();
    if (parts.length === 0) continue;
    const path = `event${parts.map(pathText).join("")}`;
    if (!seen.has(path)) seen.set(path, { path, ...valueAt(event, parts) });
  }
  return [...seen.values()];
}

function partsOf(path: string, texts: readonly string[]): (string | number)[] {
  return [...path.matchAll(PART)].map(([, name, index, text]) => {
    if (name !== undefined) return name;
    if (index !== undefined) return Number(index);
    return (texts[Number(text)] ?? "").replace(/^[rRbB]*(["']{3}|["'])([\s\S]*)\1$/, "$2");
  });
}

function pathText(part: string | number): string {
  if (typeof part === "number") return `[${part}]`;
  return /^[A-Za-z_]\w*$/.test(part) ? `.${part}` : `[${JSON.stringify(part)}]`;
}

function valueAt(root: Json, parts: readonly (string | number)[]): Omit<SeenValue, "path"> {
  let value: Json | undefined = root;
  for (const part of parts) {
    const isThere: boolean =
      typeof value === "object" && value !== null && Object.hasOwn(value, part);
    value = isThere ? (value as { readonly [key: string]: Json | undefined })[part] : undefined;
    if (value === undefined) return { found: false, value: null, cut: false };
  }
  const text = JSON.stringify(value);
  if (text.length <= MAX_SHOWN_LENGTH) return { found: true, value: value ?? null, cut: false };
  return { found: true, value: text.slice(0, MAX_SHOWN_LENGTH), cut: true };
}
