import type { Place, Report } from "@yardmaster/kernel";
import type { Document, YAMLError } from "yaml";

/** Of this the rest of the file can still be read, so that its other errors are found too. */
const HARMLESS = "TAG_RESOLVE_FAILED";

const TAG = 'YAML takes a value that begins with "!" for a tag';
const QUOTE = "put the value in quotes";

/** Errors and warnings alike, with how to write it. False where the document's content is not to be trusted. */
export function reportYamlErrors(
  document: Document.Parsed,
  placeOf: (offset: number) => Place,
  report: Report,
): boolean {
  const found: readonly YAMLError[] = [...document.errors, ...document.warnings];
  // One slip makes the parser stumble several times over the same place.
  const lines = new Set<number>();
  for (const error of found) {
    const place = placeOf(error.pos[0]);
    if (lines.has(place.line)) continue;
    lines.add(place.line);
    report(place, messageOf(error), hintOf(error));
  }
  return found.every((error) => error.code === HARMLESS);
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
    default:
      return `not valid YAML: ${error.message}`;
  }
}

function hintOf(error: YAMLError): string | undefined {
  switch (error.code) {
    case "TAG_RESOLVE_FAILED":
    case "BLOCK_AS_IMPLICIT_KEY":
    case "BAD_SCALAR_START":
    case "UNEXPECTED_TOKEN":
    case "MISSING_CHAR":
    case "BAD_DIRECTIVE":
      return QUOTE;
    case "TAB_AS_INDENT":
      return "indent with spaces";
    case "BAD_INDENT":
      return "bring the line to the indentation of its neighbours, or quote the value";
    default:
      return undefined;
  }
}
