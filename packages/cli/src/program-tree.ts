import { Command } from "commander";
import { COMMANDS } from "./commands/index.ts";
import { type CommandNode, commandTree } from "./completion/command-tree.ts";
import type { Io } from "./io.ts";

/** All commands of `yard` with their options, without running any: for completion and the reference. */
export async function programTree(): Promise<CommandNode> {
  const program = new Command("yard");
  // Nothing is run, so nothing around it is ever touched.
  const io = {} as Io;
  for (const { name, summary, load } of COMMANDS) {
    const command = program.command(name).summary(summary).description(summary);
    (await load()).define(command, { io, finish: () => {}, tree: programTree });
  }
  return commandTree(program);
}
