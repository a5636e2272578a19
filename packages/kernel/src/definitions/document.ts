import type { Json } from "@yardmaster/protocol";

/** A position in a file of a pack; lines and columns count from 1, columns in UTF-16 units. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/**
 * A parsed definition file whose every value knows where it stands. What reads the text (`packs/` of the server)
 * makes these, so that compiling needs no parser.
 */
export type DocumentNode = MapNode | ListNode | ScalarNode;

export interface ScalarNode {
  readonly kind: "scalar";
  readonly value: string | number | boolean | null;
  readonly place: Place;
  /** Where the character at `offset` of the text stands in the file, as near as can be told. */
  inside(offset: number): Place;
  /** An unquoted text that a comment follows on its line: `if: a # b` is the expression `a`. */
  readonly cutByComment: boolean;
}

export interface ListNode {
  readonly kind: "list";
  readonly items: readonly DocumentNode[];
  readonly place: Place;
}

export interface MapNode {
  readonly kind: "map";
  readonly entries: ReadonlyMap<string, MapEntry>;
  readonly place: Place;
}

export interface MapEntry {
  readonly keyPlace: Place;
  readonly value: DocumentNode;
}

export type DefinitionKind =
  | "action"
  | "workflow"
  | "rule"
  | "source"
  | "queue"
  | "agent"
  | "sensor"
  | "task";

/** One definition file. */
export interface DefinitionDocument {
  readonly kind: DefinitionKind;
  /** Absent where the file could not be parsed, which its reader has reported. */
  readonly root?: DocumentNode;
  /** The name that a file without a root most likely defines, so that its users are not blamed. */
  readonly likelyName?: string;
}

/** The plain value of a node. */
export function jsonOf(node: DocumentNode): Json {
  switch (node.kind) {
    case "scalar":
      return node.value;
    case "list":
      return node.items.map(jsonOf);
    case "map":
      // fromEntries defines own properties, so that a key "__proto__" stays a key.
      return Object.fromEntries([...node.entries].map(([key, { value }]) => [key, jsonOf(value)]));
  }
}

/** The deepest node on `path` that is there: an error about a missing field stands at its parent. */
export function nodeAt(root: DocumentNode, path: readonly (string | number)[]): DocumentNode {
  let node = root;
  for (const part of path) {
    const child = childOf(node, part);
    if (child === undefined) return node;
    node = child;
  }
  return node;
}

/** Where a path leads: to the key where the last part names one, else to the deepest node that is there. */
export function placeAt(root: DocumentNode, path: readonly (string | number)[]): Place {
  const parent = nodeAt(root, path.slice(0, -1));
  const entry = parent.kind === "map" ? parent.entries.get(String(path.at(-1))) : undefined;
  return entry?.value.place ?? nodeAt(root, path).place;
}

function childOf(node: DocumentNode, part: string | number): DocumentNode | undefined {
  if (node.kind === "list") return node.items[Number(part)];
  return node.kind === "map" ? node.entries.get(String(part))?.value : undefined;
}
