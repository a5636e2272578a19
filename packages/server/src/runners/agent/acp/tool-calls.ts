import type { JsonObject } from "@yardmaster/protocol";
import { mapIn, mapsIn, nameIn, textIn } from "../programs/fields.ts";

/** All that an agent has said of one call of a tool: it says it in parts. */
export interface ToolCall {
  readonly title: string;
  /** What it does, by the protocol's word for it: read, edit, execute, … */
  readonly kind: string;
  readonly status: string;
  /** What it is given, in one text. */
  readonly input: string;
  /** The files that it names, each that it has ever named. */
  readonly paths: readonly string[];
  /** It has named more than are kept. */
  readonly hasMorePaths: boolean;
}

export interface ToolCalls {
  /** What is known of the call with this as well; a call whose name is none is known by this alone. */
  hear(said: JsonObject): { readonly before: ToolCall | undefined; readonly call: ToolCall };
}

const UNKNOWN: ToolCall = {
  title: "",
  kind: "other",
  status: "pending",
  input: "",
  paths: [],
  hasMorePaths: false,
};

/** Agents that name more calls than these without an end of them are not remembered whole: the oldest is forgotten. */
const MOST_CALLS = 1_000;
const MOST_PATHS = 100;
/** A title and an input are told in a line of the log, and compared no further. */
const MOST_CHARS = 2_000;

/** Where tools are told of a file among what they are given: agents do not all say it as a location. */
const PATH_KEYS = [
  "path",
  "file_path",
  "filePath",
  "filepath",
  "absolute_path",
  "absolutePath",
  "destination",
  "old_path",
  "new_path",
  "oldPath",
  "newPath",
];

export function createToolCalls(): ToolCalls {
  const calls = new Map<string, ToolCall>();

  return {
    hear(said) {
      const id = nameIn(said, "toolCallId");
      const before = id === undefined ? undefined : calls.get(id);
      const call = together(before ?? UNKNOWN, said);
      if (id !== undefined) {
        calls.delete(id);
        calls.set(id, call);
        const [oldest] = calls.keys();
        if (calls.size > MOST_CALLS && oldest !== undefined) calls.delete(oldest);
      }
      return { before, call };
    },
  };
}

function together(before: ToolCall, said: JsonObject): ToolCall {
  const paths = new Set([...before.paths, ...pathsIn(said)]);
  return {
    title: textIn(said, "title")?.slice(0, MOST_CHARS) ?? before.title,
    kind: nameIn(said, "kind") ?? before.kind,
    status: nameIn(said, "status") ?? before.status,
    input: inputIn(said) ?? before.input,
    paths: [...paths].slice(0, MOST_PATHS),
    hasMorePaths: before.hasMorePaths || paths.size > MOST_PATHS,
  };
}

function pathsIn(said: JsonObject): readonly string[] {
  const located = mapsIn(said, "locations").map((one) => textIn(one, "path"));
  const changed = mapsIn(said, "content")
    .filter((one) => one["type"] === "diff")
    .map((one) => textIn(one, "path"));
  const input = mapIn(said, "rawInput");
  const given = PATH_KEYS.map((key) => textIn(input, key));
  return [...located, ...changed, ...given].filter(
    (path) => path !== undefined && path !== "",
  ) as string[];
}

/** Undefined where it says nothing of it: what an agent is still writing comes as an empty map. */
function inputIn(said: JsonObject): string | undefined {
  const input = mapIn(said, "rawInput");
  if (Object.keys(input).length === 0) return undefined;
  return JSON.stringify(input).slice(0, MOST_CHARS);
}
