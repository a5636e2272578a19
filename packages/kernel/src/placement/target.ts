import { isJsonObject, type Json, labelFlaw, nodeNameFlaw } from "@yardmaster/protocol";

/** Which nodes may carry out an attempt: that one, or those that have all the labels; with both, that one if it has them. */
export interface Target {
  readonly node?: string;
  /** Each `name`, or `name=value`; sorted, each once. */
  readonly labels: readonly string[];
}

/** What a node is known by. */
export interface Placeable {
  readonly name: string;
  readonly labels: { readonly [name: string]: string };
}

const MAX_LABELS = 20;
/** Of all labels together: what waits for a target is found by its key, and an index of PostgreSQL's holds 2.7 KB. */
const MAX_LABEL_CHARS = 512;

/** A target from what `on:` came to; or a sentence that says what is wrong with it. */
export function targetOf(value: Json): Target | { readonly flaw: string } {
  if (!isJsonObject(value)) return { flaw: "it must be a map with node, labels, or both" };
  const { node, labels = [] } = value;
  const misnamed = node === undefined ? undefined : nodeFlaw(node);
  if (misnamed !== undefined) return { flaw: misnamed };
  if (!Array.isArray(labels) || labels.length > MAX_LABELS)
    return { flaw: `labels must be a list of at most ${MAX_LABELS} texts` };
  const wrong = labels.find((label) => typeof label !== "string" || !isLabel(label));
  if (wrong !== undefined)
    return { flaw: `labels are written name or name=value, not ${JSON.stringify(wrong)}` };
  const sorted = [...new Set(labels as string[])].sort();
  if (sorted.join("").length > MAX_LABEL_CHARS)
    return { flaw: `labels must together have at most ${MAX_LABEL_CHARS} characters` };
  if (node === undefined && labels.length === 0)
    return { flaw: "it names neither a node nor a label" };
  return node === undefined ? { labels: sorted } : { node: node as string, labels: sorted };
}

/** A name that no node can have would be waited for in vain. */
function nodeFlaw(node: Json): string | undefined {
  const said = `node must be the name of a node, not ${JSON.stringify(node)}`;
  if (typeof node !== "string" || node.trim() !== node) return said;
  const why = nodeNameFlaw(node);
  return why === undefined ? undefined : `${said}: it ${why}`;
}

/** A label's name, and its value where one is asked for. */
function isLabel(label: string): boolean {
  const at = label.indexOf("=");
  const [key, value] = at === -1 ? [label, ""] : [label.slice(0, at), label.slice(at + 1)];
  return labelFlaw(key, value) === undefined;
}

/** One text for equal targets: what rows are found by. */
export function targetKey({ node, labels }: Target): string {
  return JSON.stringify(node === undefined ? { labels } : { labels, node });
}

/** The target of a text that `targetKey` made. */
export function parseTargetKey(text: string): Target {
  return JSON.parse(text) as Target;
}

export function matchesTarget({ node, labels }: Target, { name, labels: own }: Placeable): boolean {
  return (node === undefined || node === name) && labels.every((label) => hasLabel(own, label));
}

function hasLabel(own: Placeable["labels"], label: string): boolean {
  const at = label.indexOf("=");
  if (at < 0) return Object.hasOwn(own, label);
  const name = label.slice(0, at);
  return Object.hasOwn(own, name) && own[name] === label.slice(at + 1);
}

/** The target in words: `node lab-7 with label gpu`. */
export function describeTarget({ node, labels }: Target): string {
  const named = node === undefined ? "a node" : `node ${node}`;
  if (labels.length === 0) return named;
  return `${named} with ${labels.length === 1 ? "label" : "labels"} ${labels.join(", ")}`;
}
