/*
 * What the node's own audit log keeps of a command. Masks what looks like a secret, as the server's audit does, which
 * knows some secrets beside it. Linear in the text: each pattern begins with something rare and has no nested repetition.
 */
const MASK = "[redacted]";
const SECRET_NAME =
  "[A-Za-z0-9_-]{0,40}(?:password|passwd|secret|token|api[_-]?key|credential)[A-Za-z0-9_-]{0,20}";

const PATTERNS: readonly [RegExp, string][] = [
  [
    new RegExp(`(${SECRET_NAME}["']?\\s{0,3}[=:]\\s{0,3})("[^"]*"|'[^']*'|[^\\s"'&;]+)`, "gi"),
    `$1${MASK}`,
  ],
  [
    new RegExp(`(--?${SECRET_NAME}\\s{1,3})("[^"]*"|'[^']*'|[^\\s"'&;-][^\\s]*)`, "gi"),
    `$1${MASK}`,
  ],
  // `curl -u ada:secret`, and not `docker run -u 1000:1000`
  [
    /((?:^|\s)(?:-u|--user)[\s=]{0,3}["']?[^\s:"']{1,200}:)(?!\d+(?:\s|$))[^\s"']{1,500}/g,
    `$1${MASK}`,
  ],
  [/\b(bearer|basic)\s{1,3}[A-Za-z0-9._~+/=-]{8,}/gi, `$1 ${MASK}`],
  [/(:\/\/[^\s/:@]{0,200}:)[^\s/@]{1,500}@/g, `$1${MASK}@`],
  [/\b(?:gh[pousr]_|glpat-|xox[abp]-|sk-|yard_|AKIA)[A-Za-z0-9_-]{8,}/g, MASK],
  [/\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_.-]{8,}/g, MASK],
  [/-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----.*/gs, MASK],
  [/\b(?=[A-Za-z_-]{0,42}\d)(?=[a-z0-9_-]{0,42}[A-Z])[A-Za-z0-9_-]{43}\b(?![/.])/g, MASK],
];

const COMMAND_MOST_CHARS = 4096;

/** A command for the log: cut at 4 KiB, secrets masked. */
export function redactCommand(command: string): string {
  const cut = command.slice(0, COMMAND_MOST_CHARS);
  return PATTERNS.reduce((text, [pattern, mask]) => text.replace(pattern, mask), cut);
}
