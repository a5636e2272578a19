/** Shorter values are words, not secrets: hiding each `1` of a text would hide the text. */
export const MIN_MASKED_CHARS = 6;

/** Of a value with lines, or of JSON, the parts that stand for themselves: shorter ones occur by chance. */
const MIN_PART_CHARS = 12;

/** As `base64` and `openssl` break their lines. */
const BASE64_COLUMNS = [76, 64];

/**
 * The texts in which a secret may be given away: as it is, in JSON (also in JSON inside JSON), in a URL, in a form, and in
 * base64 at any place of what was encoded; and the same of its lines and of the texts in it where it is JSON, since
 * logs go by lines and programs print what they have parsed.
 */
export function formsOf(value: string): string[] {
  const forms = new Set<string>();
  if (value.length >= MIN_MASKED_CHARS) addForms(value, forms);
  for (const part of partsOf(value)) addForms(part, forms);
  return [...forms].filter((form) => form.length >= MIN_MASKED_CHARS);
}

function addForms(text: string, forms: Set<string>): void {
  forms.add(text);
  for (const escaped of inJson(text)) {
    forms.add(escaped);
    for (const twice of inJson(escaped)) forms.add(twice);
  }
  for (const encoded of inUrl(text)) forms.add(encoded).add(lowerHex(encoded));
  for (const encoded of inBase64(text)) forms.add(encoded);
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

/** As JavaScript and most others write it, Python without UTF-8, PHP with its `\/`, Go with its HTML. */
function inJson(text: string): string[] {
  const plain = JSON.stringify(text).slice(1, -1);
  return [
    plain,
    plain.replace(/[\u007f-\uffff]/g, unicodeEscape),
    plain.replaceAll("/", "\\/"),
    plain.replace(/[<>&\u2028\u2029]/g, unicodeEscape),
  ];
}

function unicodeEscape(char: string): string {
  return `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`;
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
