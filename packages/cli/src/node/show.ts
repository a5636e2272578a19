import type { YardNode } from "@yardmaster/protocol";
import type { Command } from "commander";
import { act, type Host } from "../command.ts";
import type { Output } from "../output/output.ts";
import { printable } from "../output/printable.ts";
import { statusWord } from "../output/status.ts";
import { relativeTime } from "../output/time.ts";
import { grantText } from "./grants.ts";
import { baseText } from "./settings.ts";

export function defineShow(command: Command, host: Host): void {
  const show = command
    .command("show")
    .description("show a node: its state, what it is, and what it may do")
    .argument("<node>");
  act(show, host, async ({ args, connect, out, io }) => {
    const node = await (await connect()).nodes.get(args[0] as string);
    out.value(node, () => showNode(node, out, io.now()));
  });
}

export function showNode(node: YardNode, { lines, paint }: Output, nowMs: number): void {
  const { reason } = node;
  lines(
    `${paint.strong(printable(node.name))}  ${statusWord(node.status, paint)} ${paint.faint(relativeTime(node.since, nowMs))}`,
    ...(reason === null ? [] : [`  ${printable(reason)}`]),
    ...factsOf(node, nowMs).map(([name, value]) => `  ${name.padEnd(13)}${printable(value)}`),
  );
}

export function labelText(labels: Readonly<Record<string, string>>): string {
  return printable(
    Object.entries(labels)
      .map(([key, value]) => (value === "" ? key : `${key}=${value}`))
      .join(","),
  );
}

function factsOf(node: YardNode, nowMs: number): [string, string][] {
  const { load } = node;
  const facts: [string, string | null][] = [
    ["labels", labelText(node.labels)],
    ["machine", machineText(node)],
    ["client", clientText(node)],
    [
      "work",
      `${load.calls} ${load.calls === 1 ? "call" : "calls"}, ${load.jobs} of ${load.slots} jobs`,
    ],
    ["may", grantText(node)],
    ["is spoken to", node.client === "base" ? baseText(node.base) : null],
    ["encryption", node.e2e === "off" ? null : `end to end, ${node.e2e}`],
    ["capabilities", node.capabilities.join(", ")],
    ["address", node.address],
    ["last seen", node.last_seen_at && relativeTime(node.last_seen_at, nowMs)],
    ["refused", refusedText(node, nowMs)],
    ["paired", `${relativeTime(node.created_at, nowMs)} by ${node.created_by}`],
    ["revoked", node.revoked_at && relativeTime(node.revoked_at, nowMs)],
    ["id", node.id],
  ];
  return facts.filter((fact): fact is [string, string] => fact[1] !== null && fact[1] !== "");
}

/** The last login that was refused. */
export function refusedText({ refused }: Pick<YardNode, "refused">, nowMs: number): string | null {
  if (refused === null) return null;
  return `${relativeTime(refused.at, nowMs)} from ${refused.address}: ${refused.detail}`;
}

const GIB = 2 ** 30;

function machineText({ platform, arch, os_version, cpu_count, mem_bytes }: YardNode): string {
  return [
    [platform, arch].filter((part) => part !== null).join("/"),
    os_version,
    cpu_count === null ? null : `${cpu_count} CPUs`,
    mem_bytes === null ? null : `${(mem_bytes / GIB).toFixed(1)} GiB`,
  ]
    .filter((part) => part !== null && part !== "")
    .join(", ");
}

function clientText({ client, node_version, protocol_version }: YardNode): string {
  if (client === null) return "";
  const kind = client === "base" ? "base protocol" : "yard";
  const speaks = protocol_version === null ? "" : `, protocol ${protocol_version}`;
  return `${kind} ${node_version ?? ""}`.trim() + speaks;
}
