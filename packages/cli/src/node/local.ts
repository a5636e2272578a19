import { AppError } from "@yardmaster/protocol/core";
import type { Command } from "commander";
import type { Host } from "../command.ts";
import { PROGRAMS, type Program, requireBuilt } from "../programs.ts";
import { startProgram } from "../start-program.ts";

const VERBS = [
  ["run", "be a node: connect this machine, and stay in the foreground"],
  ["status", "say how the node on this machine is"],
  ["stop", "stop the node on this machine, after what it does"],
  ["validate", "check the config of the node on this machine"],
  ["install", "write a service file for the node on this machine"],
] as const;

/** What is for the node on this machine itself: all that stands behind the verb goes to its program as it is. */
export function defineLocal(command: Command, host: Host, program: Program = PROGRAMS.node): void {
  for (const [verb, description] of VERBS) {
    command
      .command(verb)
      .description(description)
      .argument("[options...]", `of the node program: yard node ${verb} --help`)
      .allowUnknownOption()
      .helpOption(false)
      .action(async (options: readonly string[]) => {
        refuseName(verb, options[0]);
        requireBuilt(program);
        const launch = { args: [verb, ...options], io: host.io, what: "the node" };
        host.finish(await startProgram(program.launcher, launch));
      });
  }
}

/** None of these takes a name, and who gives one means a node of the server. */
function refuseName(verb: string, word: string | undefined): void {
  if (word === undefined || word.startsWith("-")) return;
  throw new AppError(
    "invalid_request",
    `\`yard node ${verb}\` is for the node on this machine, and takes no name; of a node of the server: yard node show ${word}`,
  );
}
