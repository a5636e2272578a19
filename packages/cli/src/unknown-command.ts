import { nearest } from "@yardmaster/protocol/core";
import type { Command } from "commander";

/** Ends a call with a word that names no command of `command`; `hint` is what to do where none is near. */
export function refuseUnknownCommand(command: Command, word: string, hint?: string): never {
  const path = pathOf(command);
  const isOfYard = path.length > 0 && namesOf(rootOf(command)).includes(word);
  const near = isOfYard ? `yard ${word}` : nearest(word, namesOf(command));
  const advice =
    near === undefined
      ? (hint ?? `yard ${[...path, "--help"].join(" ")} lists the commands`)
      : undefined;
  const owner = path.length === 0 ? "" : ` of ${path.join(" ")}`;
  command.error(`error: unknown command '${word}'${owner}\n(${advice ?? `Did you mean ${near}?`})`);
}

export function onUnknownCommand(command: Command): void {
  command.on("command:*", ([word]: [string]) => refuseUnknownCommand(command, word));
}

/** Makes help that is asked of a command which is not there say so, instead of being that of what is above it. */
export function onUnknownHelp(program: Command): void {
  program.addHelpText("beforeAll", ({ command }) => {
    const word = command.args.find((each) => each !== "help");
    const names = namesOf(command);
    const isCommand = word === undefined || word.startsWith("-") || names.includes(word);
    if (!isCommand && names.length > 0) refuseUnknownCommand(command, word);
    return "";
  });
}

function namesOf(command: Command): string[] {
  return command.commands.flatMap((each) => [each.name(), ...each.aliases()]);
}

function rootOf(command: Command): Command {
  return command.parent === null ? command : rootOf(command.parent);
}

/** The words behind `yard` that call it. */
function pathOf(command: Command): string[] {
  return command.parent === null ? [] : [...pathOf(command.parent), command.name()];
}
