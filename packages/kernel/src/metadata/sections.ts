import { visibleLines } from "./clean-body.ts";

/** The sections of a body that fields are read from, by their titles in lower case. */
export type Section = "context estimate" | "difficulty" | "dependencies";

const SECTIONS: ReadonlySet<string> = new Set<Section>([
  "context estimate",
  "difficulty",
  "dependencies",
]);

/** The lines of a body in which a field may stand: bare of bullets, boxes and emphasis; none is empty. */
export interface BodyLines {
  /** Of the section, or undefined where the body has none. */
  of(section: Section): readonly string[] | undefined;
  readonly all: readonly string[];
}

const FENCE = /^\s{0,3}(`{3,}|~{3,})/;
/** More than any line of the convention needs: what follows is prose. */
const MAX_LINE = 4_000;

export function linesOf(body: string): BodyLines {
  const sections = new Map<string, string[]>();
  const all: string[] = [];
  let current: string[] | undefined;
  let fence: string | undefined;
  for (const whole of visibleLines(body)) {
    if (whole === "") continue;
    const line = whole.slice(0, MAX_LINE);
    const mark = FENCE.exec(line)?.[1];
    // An example in a block of code says nothing of the issue itself.
    if (fence !== undefined) {
      if (mark?.startsWith(fence) === true) fence = undefined;
      continue;
    }
    if (mark !== undefined) {
      fence = mark;
      continue;
    }
    const title = titleOf(line);
    if (title !== undefined) {
      current = SECTIONS.has(title) ? (sections.get(title) ?? []) : undefined;
      if (current !== undefined) sections.set(title, current);
      continue;
    }
    const bare = bareLine(line);
    if (bare === "") continue;
    all.push(bare);
    current?.push(bare);
  }
  return { of: (section) => sections.get(section), all };
}

const HEADING = /^\s{0,3}#{1,6}(?!#)\s*(?=[^\s\d#])/;
const BOLD_LINE = /^\s*(?:\*\*|__)([^*_]+)(?:\*\*|__)\s*:?\s*$/;

/** Of a heading of any level, or of a line that is bold as a whole and names a section; in lower case. */
function titleOf(line: string): string | undefined {
  const heading = HEADING.exec(line);
  if (heading !== null) return bareTitle(line.slice(heading[0].length));
  const bold = BOLD_LINE.exec(line)?.[1];
  const title = bold === undefined ? undefined : bareTitle(bold);
  return title !== undefined && SECTIONS.has(title) ? title : undefined;
}

function bareTitle(text: string): string {
  let title = text.replaceAll(/\*\*|__/g, "").trim();
  while (/[#:\s]$/.test(title)) title = title.slice(0, -1);
  return title.replaceAll(/\s+/g, " ").toLowerCase();
}

const BULLET = /^(?:[•\-*+‣◦·]\s+|•)/;
const BOX = /^\[[ xX]\]\s+/;

function bareLine(line: string): string {
  const text = line.replaceAll(/\*\*|__|`/g, "").trim();
  return text.replace(BULLET, "").replace(BOX, "").trim();
}
