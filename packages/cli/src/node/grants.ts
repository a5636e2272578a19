import type { NodeGrants, YardNode } from "@yardmaster/protocol";
import { AppError } from "@yardmaster/protocol/core";
import { Argument, type Command } from "commander";
import { act, type Host } from "../command.ts";
import { gatherText } from "../gather-text.ts";
import { printable } from "../output/printable.ts";

export const GRANTS = ["exec", "read", "write", "jobs"] as const;
export type Grant = (typeof GRANTS)[number];

interface GrantOptions {
  readonly path?: readonly string[];
  readonly anyPath?: true;
}

/** grant and deny: what the server may ask of a node; what its own owner allows stands beside it. */
export function defineGrants(command: Command, host: Host): void {
  const grant = command
    .command("grant")
    .description("let the server ask this of a node again, or for files in some folders alone")
    .argument("<node>")
    .addArgument(new Argument("[what...]").choices(GRANTS))
    .option(
      "--path <path>",
      "where it may be asked for files, and nowhere else; may be given again",
      gatherText,
    )
    .option("--any-path", "let it be asked for files wherever its owner allows");
  act<GrantOptions>(grant, host, async (call) => {
    await change(call, { ...given(call.rest, true), ...pathsOf(call.rest, call.options) });
  });
  const deny = command
    .command("deny")
    .description("let the server ask this of a node no more, whoever wants it")
    .argument("<node>")
    .addArgument(new Argument("<what...>").choices(GRANTS));
  act(deny, host, async (call) => await change(call, given(call.rest, false)));
}

type Act = Pick<Parameters<Parameters<typeof act>[2]>[0], "args" | "connect" | "out">;

async function change({ args, connect, out }: Act, grants: Partial<NodeGrants>): Promise<void> {
  const node = await (await connect()).nodes.change(args[0] as string, { grants });
  out.value(node, () => out.lines(`${printable(node.name)} may: ${grantText(node)}.`));
}

function given(what: readonly string[], isGranted: boolean): Partial<NodeGrants> {
  return Object.fromEntries(what.map((name) => [name, isGranted]));
}

function pathsOf(
  what: readonly string[],
  { path: paths, anyPath }: GrantOptions,
): Pick<Partial<NodeGrants>, "paths"> {
  if (paths !== undefined && anyPath === true)
    throw new AppError("invalid_request", "Give --path or --any-path, not both");
  if (paths !== undefined) return { paths: [...paths] };
  if (anyPath === true) return { paths: null };
  if (what.length > 0) return {};
  const all = `${GRANTS.join(", ")}, --path or --any-path`;
  throw new AppError("invalid_request", `Say what to grant: ${all}`);
}

export function grantText({ grants }: Pick<YardNode, "grants">): string {
  const granted = GRANTS.filter((name) => grants[name]).join(", ") || "nothing";
  const { paths } = grants;
  if (paths === null) return granted;
  const where = paths.length === 0 ? "no files" : `files in ${paths.join(", ")} alone`;
  return printable(`${granted}; ${where}`);
}
