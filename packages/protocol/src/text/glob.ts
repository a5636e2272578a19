import { failureCode } from "../errors/failure-code.ts";

/**
 * Globs over relative paths: `*` and `?` within a folder, `**` over folders (`**` with a slash behind it also over
 * none). Walked as an automaton, not as a regular expression: no pattern makes it slow.
 */
export type PathTest = (path: string) => boolean;

/** Whether it stands for more than the one path that it spells. */
export function isPattern(glob: string): boolean {
  return /[*?]/.test(glob);
}

/** A test for the paths that the glob stands for. */
export function pathTest(glob: string): PathTest {
  const tokens = tokensOf(glob);
  if (!isPattern(glob)) return (path) => path === glob;
  return (path) => matches(tokens, path);
}

/** `folders`: any number of whole folders, each with its slash. */
type Token =
  | { readonly kind: "char"; readonly char: string }
  | { readonly kind: "one" | "many" | "any" | "folders" };

function tokensOf(glob: string): Token[] {
  const tokens: Token[] = [];
  for (let at = 0; at < glob.length; at++) {
    const char = glob[at] as string;
    if (glob.startsWith("**/", at)) {
      tokens.push({ kind: "folders" });
      at += 2;
    } else if (glob.startsWith("**", at)) {
      tokens.push({ kind: "any" });
      at += 1;
    } else if (char === "*") tokens.push({ kind: "many" });
    else tokens.push(char === "?" ? { kind: "one" } : { kind: "char", char });
  }
  return tokens;
}

/** Two places for each token: before it, and (odd) inside a folder's name that `folders` goes through. */
function matches(tokens: readonly Token[], path: string): boolean {
  let places = new Set<number>();
  reach(tokens, 0, places);
  for (let at = 0; at < path.length && places.size > 0; at++) {
    const next = new Set<number>();
    for (const place of places) step(tokens, place, path[at] as string, next);
    places = next;
  }
  return places.has(tokens.length * 2);
}

/** A place, and those behind it that take nothing. */
function reach(tokens: readonly Token[], place: number, places: Set<number>): void {
  if (places.has(place)) return;
  places.add(place);
  const token = tokens[place / 2];
  if (place % 2 === 0 && token !== undefined && token.kind !== "char" && token.kind !== "one")
    reach(tokens, place + 2, places);
}

function step(tokens: readonly Token[], place: number, char: string, next: Set<number>): void {
  const token = tokens[Math.floor(place / 2)];
  if (token === undefined) return;
  const isSlash = char === "/";
  switch (token.kind) {
    case "char":
      if (token.char === char) reach(tokens, place + 2, next);
      return;
    case "one":
      if (!isSlash) reach(tokens, place + 2, next);
      return;
    case "many":
      if (!isSlash) reach(tokens, place, next);
      return;
    case "any":
      reach(tokens, place, next);
      return;
    case "folders":
      if (!isSlash) next.add(Math.floor(place / 2) * 2 + 1);
      else if (place % 2 === 1) reach(tokens, place - 1, next);
  }
}

/** What was listed and is not there: its name is no UTF-8, and was read as another. Other failures stay as they are. */
export function failureOfListed(path: string, failure: unknown): unknown {
  if (!path.includes("\ufffd") || failureCode(failure) !== "ENOENT") return failure;
  return new Error(`the name of ${path} is no UTF-8: give it another`, { cause: failure });
}
