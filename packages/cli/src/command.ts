import type { Client } from "@yardmaster/sdk";
import type { Command } from "commander";
import type { CommandNode } from "./completion/command-tree.ts";
import { gatherText } from "./gather-text.ts";
import type { Io } from "./io.ts";
import { createOutput, type Output } from "./output/output.ts";
import { refuseUnknownCommand } from "./unknown-command.ts";

/** What surrounds a command: the process, and where its exit code goes. */
export interface Host {
  readonly io: Io;
  finish(exitCode: number): void;
  /** Every command of the program this one is in. */
  tree(): Promise<CommandNode>;
}

/** A command's file exports this as `define`: it describes the command and attaches its work with `act`. */
export type Define = (command: Command, host: Host) => void;

/** One call of a command. */
export interface Call<Options> {
  readonly args: readonly (string | undefined)[];
  /** What a last argument with `...` has gathered. */
  readonly rest: readonly string[];
  readonly options: Options & { readonly json?: true };
  readonly io: Io;
  readonly out: Output;
  /** The client of the server that this shell means; throws AppError when none is to be found. */
  connect(): Promise<Client>;
  /** Runs `work` with a signal that Ctrl-C aborts, its reason an Interrupted, instead of ending the process. */
  interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T>;
}

/** The reason of an abort by Ctrl-C. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";
}

/** Attaches the work of a command, and `--json`. A number that it resolves with is the exit code. */
export function act<Options = object>(
  command: Command,
  host: Host,
  work: (call: Call<Options>) => Promise<number | undefined> | Promise<void>,
): void {
  command.option("--json", "print JSON, one value a line");
  refuseRepeated(command);
  command.action(async () => {
    const given = command.processedArgs as (string | string[] | undefined)[];
    const options = command.opts() as Call<Options>["options"];
    const call: Call<Options> = {
      args: given.map((value) => (Array.isArray(value) ? undefined : value)),
      rest: given.find(Array.isArray) ?? [],
      options,
      io: host.io,
      out: createOutput(host.io, { json: options.json === true }),
      connect: () => connect(host.io),
      interruptible: (run) => interruptible(host.io, run),
    };
    host.finish((await work(call)) ?? 0);
  });
}

/** Of two values the first would be dropped without a word. */
function refuseRepeated(command: Command): void {
  for (const option of command.options) {
    if (!option.required || option.variadic || option.parseArg === gatherText) continue;
    let isGiven = false;
    command.on(`option:${option.name()}`, () => {
      if (isGiven)
        command.error(`error: option '${option.flags}' is given twice, and takes one value`);
      isGiven = true;
    });
  }
}

/** The list that a command shows when no subcommand is named; a misspelt one is told from an argument. */
export function defaultList(command: Command, description: string): Command {
  const list = command
    .command("list", { isDefault: true })
    .description(description)
    .allowExcessArguments();
  command.addHelpText("after", `\nWithout a command it lists: yard ${command.name()} list --help`);
  return list.hook("preAction", () => {
    const [word] = list.args;
    if (word === undefined) return;
    const shows = command.commands.some((subcommand) => subcommand.name() === "show");
    const hint = shows ? `To show one: yard ${command.name()} show ${word}` : undefined;
    refuseUnknownCommand(command, word, hint);
  });
}

async function connect(io: Io): Promise<Client> {
  const [{ createClient, traceOfEnvironment }, { findServer }] = await Promise.all([
    import("@yardmaster/sdk"),
    import("./find-server.ts"),
  ]);
  return createClient({ ...(await findServer(io)), trace: traceOfEnvironment(io.env) });
}

async function interruptible<T>(io: Io, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const abort = new AbortController();
  const release = io.onInterrupt(() => abort.abort(new Interrupted("interrupted")));
  try {
    return await work(abort.signal);
  } finally {
    release();
  }
}
