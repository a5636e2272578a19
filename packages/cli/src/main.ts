import { MIN_ID_DIGITS, nearest } from "@yardmaster/protocol/core";
import { Command, CommanderError } from "commander";
import { COMMANDS, type CommandEntry } from "./commands/index.ts";
import type { Io } from "./io.ts";
import { paintFor } from "./output/paint.ts";
import { onUnknownCommand, onUnknownHelp } from "./unknown-command.ts";
import { VERSION } from "./version.ts";

export { processIo } from "./io.ts";

/** Runs one command line and resolves with its exit code (see protocol's error registry). Throws only on bugs. */
export async function main(given: readonly string[], io: Io): Promise<number> {
  const argv = helpSpeltOut(given);
  const session: Session = { exitCode: 0 };
  const program = await createProgram(argv, io, session);
  if (argv.length === 0) {
    program.outputHelp();
    return 0;
  }
  try {
    await program.parseAsync(argv, { from: "user" });
    return session.exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : USAGE;
    const { reportError } = await import("./report-error.ts");
    return reportError(error, io, {
      json: isForJson(argv),
      command: session.command,
    });
  }
}

/** `help node exec` as `node exec --help`: commander's own explains one level. */
function helpSpeltOut(argv: readonly string[]): readonly string[] {
  return argv[0] === "help" ? [...argv.slice(1), "--help"] : argv;
}

/** What stands behind `--` is for another program. */
function ownWords(argv: readonly string[]): readonly string[] {
  const end = argv.indexOf("--");
  return end < 0 ? argv : argv.slice(0, end);
}

/** Of most mistakes commander itself says what was meant. */
function wayOut(error: string, argv: readonly string[]): string {
  const [, flag] = /^error: unknown option '([^']*)'(?!.*Did you mean)/s.exec(error) ?? [];
  if (flag !== undefined && argv[0] === "node" && argv[1] === "exec")
    return `(A program's own options stand behind --: yard node exec NODE -- PROGRAM ${flag})\n`;
  const [, given = "", choices] =
    /argument '([^']*)' is invalid\. Allowed choices are (.*)\.\s*$/s.exec(error) ?? [];
  const near = choices === undefined ? undefined : nearest(given, choices.split(", "));
  if (near !== undefined) return `(Did you mean ${near}?)\n`;
  return error.startsWith("error: too many arguments") ||
    error.startsWith("error: missing required")
    ? "(With --help it says what it takes.)\n"
    : "";
}

const USAGE = 2;

function isForJson(argv: readonly string[]): boolean {
  return ownWords(argv).includes("--json");
}

/** As report-error tells all others. */
function usageAsJson(text: string): string {
  const message = text.replace(/^error: /, "").trim();
  const error = { code: "invalid_request", message, errors: [], exit: USAGE };
  return `${JSON.stringify({ error })}\n`;
}

/** What the command that runs leaves behind. */
interface Session {
  exitCode: number;
  /** The one that was called. */
  command?: Command;
}

async function createProgram(argv: readonly string[], io: Io, session: Session): Promise<Command> {
  const program = new Command("yard")
    .description("Turns events into durable work, and says why.")
    .version(`yard ${VERSION}`, "-V, --version", "print the version")
    .helpCommand("help [command]", "explain a command")
    .configureHelp({ showGlobalOptions: false })
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
      outputError: (text, write) =>
        write(isForJson(argv) ? usageAsJson(text) : `${text}${wayOut(text, argv)}`),
      getOutHelpWidth: () => io.stdout.columns || 100,
      getErrHelpWidth: () => io.stderr.columns || 100,
      getOutHasColors: () => paintFor(io.stdout, io.env).enabled,
      getErrHasColors: () => paintFor(io.stderr, io.env).enabled,
    })
    .exitOverride()
    .showSuggestionAfterError(true)
    .addHelpText(
      "after",
      `\nIt finds its server by YARD_URL and YARD_TOKEN, else by the data folder (YARD_DATA, .yard).\nOf the id of a run or an event, ${MIN_ID_DIGITS} digits of its end or its beginning do.`,
    );
  program.hook("preAction", (_program, called) => {
    session.command = called;
  });
  onUnknownCommand(program);
  onUnknownHelp(program);
  for (const entry of COMMANDS)
    await addCommand(program, entry, { io, session, isWanted: entry.name === argv[0] });
  return program;
}

/** Only the command that is called for is loaded; of the others the help needs name and summary alone. */
async function addCommand(
  program: Command,
  entry: CommandEntry,
  { io, session, isWanted }: { io: Io; session: Session; isWanted: boolean },
): Promise<void> {
  const command = program.command(entry.name).summary(entry.summary).description(entry.summary);
  onUnknownCommand(command);
  if (!isWanted) return;
  const { define } = await entry.load();
  const finish = (exitCode: number) => {
    session.exitCode = exitCode;
  };
  const tree = async () => (await import("./program-tree.ts")).programTree();
  define(command, { io, finish, tree });
}
