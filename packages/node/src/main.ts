import { realpathSync } from "node:fs";
import { ERRORS, isAppError, nearest } from "@yardmaster/protocol/core";
import { install } from "./commands/install.ts";
import type { Io } from "./commands/io.ts";
import { pair } from "./commands/pair.ts";
import { run } from "./commands/run.ts";
import { status } from "./commands/status.ts";
import { stop } from "./commands/stop.ts";
import { validate } from "./commands/validate.ts";
import { NODE_VERSION } from "./version.ts";

type CommandOfNode = (args: readonly string[], io: Io) => Promise<number>;

const COMMANDS: Readonly<Record<string, CommandOfNode>> = {
  pair,
  run,
  status,
  stop,
  validate,
  install,
};

const USAGE = `yard-node: lets a Yardmaster server work on this machine.

  yard-node pair --server URL --token TOKEN   join the server; the token is used once
      --allow PATH       a folder that may be read and written (again for more)
      --label KEY=VALUE  what jobs can ask for (again for more)
      --name NAME  --slots N  --ca-cert FILE  --pin SHA256  --proxy URL
      --e2e preferred|required  --insecure  --lasting
      --force            pair anew a machine that is paired; what its owner allows stays
  yard-node run        stay connected, in the foreground; with the flags of pair, pairs first
  yard-node status     how the running node is [--json]
  yard-node stop       stop it in order
  yard-node validate   look at the configuration and the way to the server [--offline]
  yard-node install    write a service file [--manager systemd|launchd] [--user NAME] [--print] [--output FILE]

  --state FOLDER       where its files are; ~/.config/yard-node
`;
const EXIT_USAGE = 2;

/** Runs one command and returns its exit code. Never throws for what a user can do. */
export async function main(argv: readonly string[], io: Io = processIo()): Promise<number> {
  const [name = "", ...args] = argv;
  if (["help", "--help", "-h"].includes(name) || args.includes("--help")) {
    io.out(USAGE);
    return 0;
  }
  if (name === "--version" || name === "version") {
    io.out(`${NODE_VERSION}\n`);
    return 0;
  }
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command === undefined) return unknown(name, io);
  try {
    return await command(args, io);
  } catch (error) {
    if (!isAppError(error)) throw error;
    io.err(`yard-node: ${error.message}\n`);
    return ERRORS[error.code].exit;
  }
}

function unknown(name: string, io: Io): number {
  const meant = nearest(name, Object.keys(COMMANDS));
  const hint = meant === undefined ? USAGE : `Did you mean "${meant}"?\n`;
  io.err(name === "" ? USAGE : `yard-node: "${name}" is no command. ${hint}`);
  return EXIT_USAGE;
}

function processIo(): Io {
  const script = process.argv[1];
  return {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    env: process.env,
    program: [process.execPath, ...(script === undefined ? [] : [realpathSync(script)])],
    async readStdin() {
      let text = "";
      for await (const part of process.stdin.setEncoding("utf8")) text += part;
      return text;
    },
  };
}
