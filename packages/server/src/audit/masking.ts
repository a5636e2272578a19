import { createScrubber, isSecretName, REDACTED } from "../telemetry/index.ts";

/** What a secret looks like in commands: given by name, by its issuer's prefix, or as a long word of all kinds of letters. */
const PATTERNS: readonly (readonly [RegExp, string])[] = [
  [
    /-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]{0,40}PRIVATE KEY-----|$)/g,
    REDACTED,
  ],
  [
    /\b(gh[pousr]_|github_pat_|glpat-|sk-|xox[abposr]-|npm_|AIza|hf_|dckr_pat_)[\w-]{12,}/g,
    REDACTED,
  ],
  // `curl -u ada:secret`, and not `docker run -u 1000:1000`
  [
    /((?:^|\s)(?:-u|--user)[\s=]{0,3}["']?[^\s:"']{1,200}:)(?!\d+(?:\s|$))[^\s"']{1,500}/g,
    `$1${REDACTED}`,
  ],
  [/\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/g, REDACTED],
  [/\beyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?/g, REDACTED],
];

const SECRET_WORD =
  "(?:secret|password|passwd|passphrase|pwd|token|credentials?|api[-_]?key|access[-_]?key|private[-_]?key|auth)";
/** `by token:admin` in our own sentences: the name of a token, by which people know who it was. */
const ACTOR = "(?<=\\bby )token:[a-z]";
/** `DB_PASSWORD=…`, `"token": "…"`, `--api-key …`. The bounds keep long words from being read again from each letter. */
const NAMED = new RegExp(
  `((?:^|[\\s"'{,;&?(])(?!${ACTOR})-{0,2}[\\w.-]{0,40}${SECRET_WORD}[\\w.-]{0,40}["']?\\s{0,3}[=:]\\s{0,3})("[^"]*"|'[^']*'|[^\\s"'&;|]+)`,
  "gi",
);
const OPTION = new RegExp(
  `((?:^|\\s)--?[\\w-]{0,40}${SECRET_WORD}[\\w-]{0,40}\\s+)("[^"]*"|'[^']*'|[^\\s"'&;|-][^\\s"'&;|]*)`,
  "gi",
);
const LONG_WORD = /(?<![\w+=-])[\w+=-]{32,}(?![\w+=-])/g;
const OPTION_ALONE = new RegExp(`^--?[\\w-]{0,40}${SECRET_WORD}[\\w-]{0,40}$`, "i");

export interface Masks {
  /** The text without what looks like a secret, and without those that are known. */
  text(text: string): string;
  /** Whether a field or variable of this name holds a secret, whatever its value. */
  isSecretName(name: string): boolean;
  /** Whether a word of a command line says that the next is a secret: `--password`. */
  isSecretOption(word: string): boolean;
}

export function createMasks(known: readonly (string | undefined)[]): Masks {
  const scrub = createScrubber(known);
  return {
    isSecretName,
    isSecretOption: (word) => OPTION_ALONE.test(word),
    text(text) {
      let clean = scrub(text);
      for (const [pattern, mark] of PATTERNS) clean = clean.replace(pattern, mark);
      return clean
        .replace(NAMED, `$1${REDACTED}`)
        .replace(OPTION, `$1${REDACTED}`)
        .replace(LONG_WORD, (word) => (looksRandom(word) ? REDACTED : word));
    },
  };
}

/** Small and capital letters and digits in one long word: a token or key. Hashes and ids in hex are no such. */
function looksRandom(word: string): boolean {
  return /[a-z]/.test(word) && /[A-Z]/.test(word) && /\d/.test(word);
}
