import type { Template } from "../../../expressions/index.ts";
import { targetOf } from "../../../placement/index.ts";
import { AGENTS } from "../../agent.ts";
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
  runner: Pick<RunnerSpec, "kind"> | RunnerSpec,
  visible: Visible,
  report: Report,
): Template | undefined {
  const node = owner.get("on");
  if (node === undefined) return undefined;
  const hint = elsewhereHint(runner);
  if (hint !== undefined) {
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

/** What carries it out instead; undefined where a node may. */
function elsewhereHint(runner: Pick<RunnerSpec, "kind"> | RunnerSpec): string | undefined {
  if (runner.kind === "mcp")
    return "MCP servers are asked by a worker; nodes carry out actions with runner: process or agent";
  if (!startsProcess(runner.kind)) return "nodes carry out actions with runner: process or agent";
  if (!("profile" in runner) || AGENTS[runner.profile.kind].goesToNodes) return undefined;
  const { kind } = runner.profile;
  return `agents of kind ${kind} are spoken with while they work, which only a worker can: leave on out, or ask claude or codex`;
}
