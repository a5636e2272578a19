/** Shorter values are words, not secrets: hiding each `1` of a text would hide the text. */
export const MIN_MASKED_CHARS = 6;

/** Of a value with lines, or of JSON, the parts that stand for themselves: shorter ones occur by chance. */
const MIN_PART_CHARS = 12;

/** As `base64` and `openssl` break their lines. */
const BASE64_COLUMNS = [76, 64];

/**
 * The texts in which a secret may be given away: as it is, in HTML, in a URL, in a form, and in base64 at any place of
 * what was encoded; and the same of its lines and of the texts in it where it is JSON, since logs go by lines and
 * programs print what they have parsed. What JSON makes of any of them is found by its escapes, and is no form here.
 *
 * For each text, at most three ways to write its accents, each with 4 + 6 + 10 + 6 forms and 2 for each line of base64.
 */
export function formsOf(value: string): string[] {
  const forms = new Set<string>();
  if (value.length >= MIN_MASKED_CHARS) addForms(value, forms);
  for (const part of partsOf(value)) addForms(part, forms);
  return [...forms].filter((form) => form.length >= MIN_MASKED_CHARS);
}

function addForms(text: string, forms: Set<string>): void {
  // Files and keyboards of macOS take letters apart from their accents, and libraries put them together again.
  for (const same of new Set([text, text.normalize("NFC"), text.normalize("NFD")])) {
    forms.add(same);
    // Of backslashes alone nothing is left without its escapes.
    if (same.includes("\\")) for (const escaped of inPlainJson(same)) forms.add(escaped);
    for (const encoded of inHtml(same)) forms.add(encoded);
    for (const encoded of inUrl(same)) forms.add(encoded).add(lowerHex(encoded));
    for (const encoded of inBase64(same)) forms.add(encoded);
  }
}

function partsOf(value: string): string[] {
  const lines = value.split(/\r?\n/);
  // A value with one line end behind it is printed without it.
  const trimmed = [value.trim()].filter((text) => text.length >= MIN_MASKED_CHARS);
  const own = lines.length > 1 ? lines.map((line) => line.trim()) : [];
  const parts = [...own, ...textsIn(value)].filter((text) => text.length >= MIN_PART_CHARS);
  return [...trimmed, ...parts].filter((text) => text !== value);
}

/** The texts of a value that is a map or a list in JSON. */
function textsIn(value: string): string[] {
  if (!/^\s*[[{]/.test(value)) return [];
  const texts: string[] = [];
  try {
    JSON.parse(value, (_, inner: unknown) => {
      // Half a character is nothing that could be printed.
      if (typeof inner === "string" && inner.isWellFormed()) texts.push(inner);
      return inner;
    });
  } catch {
    return [];
  }
  return texts;
}

/** Three levels of it. */
function inPlainJson(text: string): string[] {
  const once = jsonText(text);
  const twice = jsonText(once);
  return [once, twice, jsonText(twice)];
}

function jsonText(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

/** As Go and JavaScript write a `"` and a `'`, PHP, Python, and XML; and between tags, where both may stay. */
const HTML_QUOTES = [
  ["&#34;", "&#39;"],
  ["&quot;", "&#39;"],
  ["&quot;", "&#039;"],
  ["&quot;", "&#x27;"],
  ["&quot;", "&apos;"],
  ['"', "'"],
] as const;

function inHtml(text: string): string[] {
  const marks = text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  return HTML_QUOTES.map(([double, single]) =>
    marks.replaceAll('"', double).replaceAll("'", single),
  );
}

/** As a part of a URL (also where a path or RFC 3986 is encoded less, or more), and as a field of a form. */
function inUrl(text: string): string[] {
  const strict = encodeURIComponent(text).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  const form = new URLSearchParams({ x: text }).toString().slice(2);
  return [encodeURIComponent(text), encodeURI(text), strict, strict.replaceAll("%2F", "/"), form];
}

function lowerHex(encoded: string): string {
  return encoded.replace(/%[0-9A-F]{2}/g, (hex) => hex.toLowerCase());
}

/**
 * What all encodings of a text that holds this one have in common, at each of the three places of a byte in base64:
 * the characters at both ends depend on what stands beside it. Whole lines where an encoder breaks them.
 */
function inBase64(text: string): string[] {
  const bytes = Buffer.from(text);
  const inner = [0, 1, 2].map((offset) => {
    const first = Math.ceil((8 * offset) / 6);
    const last = Math.floor((8 * (offset + bytes.length)) / 6);
    return Buffer.concat([Buffer.alloc(offset), bytes])
      .toString("base64")
      .slice(first, last);
  });
  const whole = inner[0] as string;
  const lines = BASE64_COLUMNS.filter((columns) => whole.length > columns).flatMap(
    (columns) => whole.match(new RegExp(`.{1,${columns}}`, "g")) ?? [],
  );
  const all = [...inner, ...lines.filter((line) => line.length >= MIN_PART_CHARS)];
  return all.flatMap((form) => [form, form.replaceAll("+", "-").replaceAll("/", "_")]);
}
