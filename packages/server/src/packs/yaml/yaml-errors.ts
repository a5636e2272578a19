import type { Place, Report } from "@yardmaster/kernel";
import type { Document, YAMLError } from "yaml";
import { yamlHint } from "./yaml-hints.ts";

/** Of this the rest of the file can still be read, so that its other errors are found too. */
const HARMLESS = "TAG_RESOLVE_FAILED";

const TAG = 'YAML takes a value that begins with "!" for a tag';
const QUOTE = "put the value in quotes";

/** Of one value alone: the parser reads the next line as if nothing had been. */
const OF_ONE_VALUE: ReadonlySet<string> = new Set([
  HARMLESS,
  "BAD_SCALAR_START",
  "BLOCK_AS_IMPLICIT_KEY",
]);

type PlaceOf = (offset: number) => Place;

/**
 * Errors and warnings alike, with how to write it, up to the first after which the parser no longer knows where it
 * is. False where the document's content is not to be trusted.
 */
export function reportYamlErrors(
  document: Document.Parsed,
  text: string,
  placeOf: PlaceOf,
  report: Report,
): boolean {
  const found: readonly YAMLError[] = [...document.errors, ...document.warnings];
  // One slip makes the parser stumble several times over the same place.
  const lines = new Set<number>();
  for (const error of found.toSorted((a, b) => a.pos[0] - b.pos[0])) {
    const { line } = placeOf(error.pos[0]);
    if (lines.has(line)) continue;
    lines.add(line);
    const deeper = keyTooDeep(error, found, text);
    if (isTab(error, text)) report(placeOf(error.pos[0]), TAB, TAB_HINT);
    else if (deeper === undefined)
      report(placeOf(error.pos[0]), messageOf(error), hintOf(error, text));
    else report(placeOf(deeper), TOO_DEEP, TOO_DEEP_HINT);
    if (deeper !== undefined || !OF_ONE_VALUE.has(error.code)) break;
  }
  return found.every((error) => error.code === HARMLESS);
}

const TAB = "not valid YAML: a tab indents this line";
const TAB_HINT = "indent with spaces";

/** The parser calls it a lack of indentation, and nobody sees a tab. */
function isTab({ code, pos }: YAMLError, text: string): boolean {
  const line = text.lastIndexOf("\n", pos[0] - 1) + 1;
  return code === "BAD_INDENT" && /^ *\t/.test(text.slice(line, line + MAX_INDENT));
}

const MAX_INDENT = 200;

const TOO_DEEP =
  "not valid YAML: this key is indented deeper than the line before it, which has a value already";
const TOO_DEEP_HINT = "bring the line to the indentation of its neighbours, or quote the value";

/** Where a key stands that the parser took for the next line of the value before it. */
function keyTooDeep(
  error: YAMLError,
  found: readonly YAMLError[],
  text: string,
): number | undefined {
  const [start] = error.pos;
  const whole = found.find(
    ({ code, pos }) => code === "MULTILINE_IMPLICIT_KEY" && pos[0] === start,
  );
  const lineEnd = text.indexOf("\n", start);
  if (whole === undefined || lineEnd < 0 || lineEnd >= whole.pos[1]) return undefined;
  const key = text.lastIndexOf("\n", whole.pos[1] - 1) + 1;
  return key + text.slice(key, whole.pos[1]).search(/[^ \t]|$/);
}

/** A value behind a tag is not what it looks like. */
export function reportTag(place: Place, report: Report): void {
  report(place, TAG, QUOTE);
}

function messageOf(error: YAMLError): string {
  switch (error.code) {
    case "TAG_RESOLVE_FAILED":
      return TAG;
    case "MULTIPLE_DOCS":
      return 'one file holds one definition: "---" begins another';
    case "NON_STRING_KEY":
      return "not valid YAML here: a key must be text";
    default:
      return `not valid YAML: ${error.message}`;
  }
}

function hintOf(error: YAMLError, text: string): string | undefined {
  return error.code === HARMLESS ? QUOTE : yamlHint(error, text);
}
