import {
  DEFAULT_METADATA,
  DIFFICULTIES,
  type Difficulty,
  type IssueMetadata,
  type MetadataField,
  type MetadataWarning,
  type ReadMetadata,
  USUAL_AGENTS,
} from "./metadata.types.ts";
import { beginsWithReference, type ReferringIssue, readReferences } from "./references.ts";
import { type BodyLines, linesOf, type Section } from "./sections.ts";
import { tokenCount } from "./token-count.ts";

export interface MetadataOptions extends ReferringIssue {
  /** Names of agents beside the usual ones. */
  readonly agents?: readonly string[] | undefined;
}

/** What one field's text came to: undefined where the body does not say it. */
interface Said<F extends MetadataField> {
  readonly value?: IssueMetadata[F] | undefined;
  readonly warnings?: readonly string[] | undefined;
}

/**
 * Reads what the body of an issue says by the conventions of its headings and labels. It never throws: what is not said,
 * or not so that it can be read, has its default, and `from` and `warnings` tell which. The text is data; nothing in it
 * is followed. Time is linear in its length.
 */
export function readIssueMetadata(
  body: string | null | undefined,
  options: MetadataOptions = {},
): ReadMetadata {
  const lines = linesOf(typeof body === "string" ? body : "");
  const said: { readonly [F in MetadataField]: Said<F> } = {
    estimated_context: readEstimate(lines),
    difficulty: readDifficulty(lines),
    assigned_agent: readAgent(lines, options.agents ?? []),
    blocks: readEdges(lines, BLOCKS, options),
    blocked_by: readEdges(lines, BLOCKED_BY, options),
  };
  return {
    metadata: {
      estimated_context: said.estimated_context.value ?? DEFAULT_METADATA.estimated_context,
      difficulty: said.difficulty.value ?? DEFAULT_METADATA.difficulty,
      assigned_agent: said.assigned_agent.value ?? DEFAULT_METADATA.assigned_agent,
      blocks: said.blocks.value ?? DEFAULT_METADATA.blocks,
      blocked_by: said.blocked_by.value ?? DEFAULT_METADATA.blocked_by,
    },
    from: {
      estimated_context: provenance(said.estimated_context),
      difficulty: provenance(said.difficulty),
      assigned_agent: provenance(said.assigned_agent),
      blocks: provenance(said.blocks),
      blocked_by: provenance(said.blocked_by),
    },
    warnings: FIELDS.flatMap((field): MetadataWarning[] =>
      (said[field].warnings ?? []).map((message) => ({ field, message })),
    ),
  };
}

const FIELDS = Object.keys(DEFAULT_METADATA) as MetadataField[];

function provenance({ value }: Said<MetadataField>): "grammar" | "default" {
  return value === undefined ? "default" : "grammar";
}

const ESTIMATE = /^total estimated\s*:/i;
const AGENT = /^recommended agent\s*:/i;
const DIFFICULTY = /^difficulty\s*:/i;
const BLOCKS = /^blocks\s*:/i;
const BLOCKED_BY = /^blocked[\s_-]by\s*:/i;
const LABEL = /^[\p{L} _-]{1,40}:/u;

/** What stands behind a label in its section, or anywhere in a body without that section. */
function labeled(lines: BodyLines, section: Section, label: RegExp): string | undefined {
  const line = (lines.of(section) ?? lines.all).find((one) => label.test(one));
  return line?.replace(label, "").trim();
}

function readEstimate(lines: BodyLines): Said<"estimated_context"> {
  const text = labeled(lines, "context estimate", ESTIMATE);
  if (text === undefined) return {};
  const value = tokenCount(text);
  if (value !== undefined) return { value };
  return { warnings: [`${shown(text)} is no number of tokens that can be read in one way only`] };
}

function readDifficulty(lines: BodyLines): Said<"difficulty"> {
  const text = lines.of("difficulty")?.[0] ?? labeled(lines, "difficulty", DIFFICULTY);
  if (text === undefined) return {};
  const word = /^\p{L}+/u.exec(text.replace(DIFFICULTY, "").trim())?.[0].toLowerCase();
  const value = DIFFICULTIES.find((one) => one === word) as Difficulty | undefined;
  if (value !== undefined) return { value };
  return { warnings: [`${shown(text)} is none of ${DIFFICULTIES.join(", ")}`] };
}

function readAgent(lines: BodyLines, more: readonly string[]): Said<"assigned_agent"> {
  const text = labeled(lines, "context estimate", AGENT);
  if (text === undefined) return {};
  const word = /^[\w.-]+/.exec(text)?.[0].replace(/\.+$/, "").toLowerCase();
  const known = [...more, ...USUAL_AGENTS];
  const value = known.find((one) => one.toLowerCase() === word);
  if (value !== undefined) return { value };
  return { warnings: [`${shown(text)} is none of ${known.join(", ")}`] };
}

function readEdges(
  lines: BodyLines,
  label: RegExp,
  options: MetadataOptions,
): Said<"blocks"> & Said<"blocked_by"> {
  const texts = edgeTexts(lines.of("dependencies") ?? lines.all, label);
  if (texts.length === 0) return {};
  const { references, warnings } = readReferences(texts, options);
  return { value: references, warnings };
}

/** Behind the label, and the lines of a list that stands under one with nothing behind it. */
function edgeTexts(lines: readonly string[], label: RegExp): string[] {
  const texts: string[] = [];
  let isUnder = false;
  for (const line of lines) {
    if (label.test(line)) {
      const text = line.replace(label, "").trim();
      texts.push(text);
      isUnder = text === "";
    } else if (isUnder && !LABEL.test(line) && beginsWithReference(line)) texts.push(line);
    else isUnder = false;
  }
  return texts;
}

function shown(text: string): string {
  return JSON.stringify(text.slice(0, 60));
}
