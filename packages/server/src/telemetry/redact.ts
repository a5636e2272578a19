/** What stands in a log in place of a secret. */
export const REDACTED = "[redacted]";

/** Names of fields whose value is a secret wherever it is logged. */
const SECRET_NAME =
  /authorization|cookie|secret|password|passwd|token$|signature|api[-_]?key|master[-_]?key|private[-_]?key|^sec-websocket-protocol$|^database_?url$/i;

/** Whether a field of this name holds a secret, whatever its value. */
export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name);
}

/** Deeper than anything we log on purpose. */
const MAX_DEPTH = 8;

/** A copy of what is logged in which fields that are named like secrets hold none. Errors are left to their serializer. */
export function redactFields(details: object, depth = 0): Record<string, unknown> {
  const copy: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(details)) {
    copy[name] = SECRET_NAME.test(name) && value !== undefined ? REDACTED : redacted(value, depth);
  }
  return copy;
}

function redacted(value: unknown, depth: number): unknown {
  if (typeof value !== "object" || value === null || value instanceof Error) return value;
  if (depth >= MAX_DEPTH) return "[too deep]";
  if (Array.isArray(value)) return value.map((one) => redacted(one, depth + 1));
  // Dates, URLs and their like write themselves.
  if ("toJSON" in value) return value;
  return redactFields(value, depth + 1);
}

/** What secrets look like inside of texts: our tokens, credentials of headers and URLs, signatures of webhooks. */
const PATTERNS: readonly (readonly [RegExp, string])[] = [
  [/yard_[\w-]{20,}/g, REDACTED],
  [/\b(bearer|basic)(\s+|%20)[\w.~+/=-]{8,}/gi, `$1 ${REDACTED}`],
  [/:\/\/[^\s/@"'\\]*:[^\s/@"'\\]+@/g, `://${REDACTED}@`],
  [/\bsha(1|256|512)=[0-9a-f]{20,}/gi, `sha$1=${REDACTED}`],
  [/\bv1a?,[A-Za-z0-9+/=]{20,}/g, `v1,${REDACTED}`],
  [/\bwhsec_[A-Za-z0-9+/=]{8,}/g, REDACTED],
];

/** Shorter ones would black out ordinary words. */
const MIN_SECRET_LENGTH = 8;

/** Takes secrets out of a finished line: what looks like one, and the given ones literally. */
export function createScrubber(secrets: readonly (string | undefined)[]): (line: string) => string {
  const known = secrets
    .filter((secret): secret is string => (secret?.length ?? 0) >= MIN_SECRET_LENGTH)
    .flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)]);
  const literal = [...new Set(known)].sort((a, b) => b.length - a.length);
  return (line) => {
    let clean = line;
    for (const secret of literal) clean = clean.replaceAll(secret, REDACTED);
    for (const [pattern, mark] of PATTERNS) clean = clean.replace(pattern, mark);
    return clean;
  };
}
