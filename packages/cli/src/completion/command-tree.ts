import type { Command } from "commander";

/** A command as shells complete it and the reference describes it. */
export interface CommandNode {
  readonly name: string;
  readonly aliases: readonly string[];
  readonly summary: string;
  readonly args: readonly {
    readonly name: string;
    readonly about: string;
    readonly choices: readonly string[];
  }[];
  readonly options: readonly OptionNode[];
  readonly commands: readonly CommandNode[];
}

export interface OptionNode {
  /** `--limit`, `-h`. */
  readonly names: readonly string[];
  /** As the help shows it: `--limit <n>`. */
  readonly flags: string;
  readonly about: string;
  readonly takesValue: boolean;
  readonly choices: readonly string[];
  readonly fallback: string | undefined;
}

/** The tree below a commander program, hidden things left out. Every command must have been defined before. */
export function commandTree(command: Command): CommandNode {
  return {
    name: command.name(),
    aliases: command.aliases(),
    summary: command.summary() || command.description(),
    args: command.registeredArguments.map((argument) => ({
      name: `${argument.required ? "<" : "["}${argument.name()}${argument.variadic ? "..." : ""}${argument.required ? ">" : "]"}`,
      about: argument.description,
      choices: argument.argChoices ?? [],
    })),
    options: command.options.filter(({ hidden }) => !hidden).map(optionNode),
    commands: shownCommands(command).map(commandTree),
  };
}

/** The help's own rule, without the `help` that it adds. */
function shownCommands(command: Command): Command[] {
  const shown = command.createHelp().visibleCommands(command);
  return command.commands.filter((each) => shown.includes(each));
}

function optionNode(option: Command["options"][number]): OptionNode {
  return {
    names: [option.short, option.long].filter((name) => name !== undefined && name !== null),
    flags: option.flags,
    about: option.description,
    takesValue: option.required || option.optional,
    choices: option.argChoices ?? [],
    fallback: option.defaultValue === undefined ? undefined : String(option.defaultValue),
  };
}
