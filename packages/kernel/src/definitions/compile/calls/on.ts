import type { Template } from "../../../expressions/index.ts";
import { targetOf } from "../../../placement/index.ts";
import { type RunnerSpec, startsProcess } from "../../definition.ts";
import { jsonOf } from "../../document.ts";
import type { Report } from "../../problem.ts";
import { readTemplate } from "../fields/expressions.ts";
import { type Fields, readFields } from "../fields/fields.ts";
import type { Visible } from "../fields/visible.ts";

export const ON_KEYS = ["node", "labels"];

/**
 * `on: { node: name }` or `on: { labels: [gpu, os=linux] }`: the nodes that carry the action out. Only processes and agents go to
 * nodes; what is written without `${{ }}` is checked when it is loaded, the rest when the attempt is placed.
 */
export function readOn(
  owner: Fields,
  kind: RunnerSpec["kind"] | undefined,
  visible: Visible,
  report: Report,
): Template | undefined {
  const node = owner.get("on");
  if (node === undefined) return undefined;
  if (kind !== undefined && !startsProcess(kind)) {
    const hint =
      kind === "mcp"
        ? "MCP servers are asked by a worker; nodes carry out actions with runner: process or agent"
        : "nodes carry out actions with runner: process or agent";
    report(owner.keyPlace("on"), "this action is not carried out on a node", hint);
    return undefined;
  }
  if (node.kind !== "map" || [...node.entries.keys()].some((word) => !ON_KEYS.includes(word))) {
    readFields(node, "on", ON_KEYS, report);
    return undefined;
  }
  const template = readTemplate(node, visible, report);
  if (template?.constant !== true) return template;
  const target = targetOf(jsonOf(node));
  if (!("flaw" in target)) return template;
  report(node.place, `on: ${target.flaw}`, "write on: { node: name } or on: { labels: [gpu] }");
  return undefined;
}
