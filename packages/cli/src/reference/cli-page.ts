import { ERRORS, MAX_ENDINGS_READ, MIN_ID_DIGITS } from "@yardmaster/protocol/core";
import type { CommandNode, OptionNode } from "../completion/command-tree.ts";

/** docs/reference/cli.md: every command with its arguments, options and exit codes. */
export function cliPage({ commands }: CommandNode): string {
  return `${[
    "<!-- Made from the code by scripts/reference.mjs: change it there. -->",
    "# Command line",
    "`yard` finds its server by `YARD_URL` and `YARD_TOKEN`, else by the data folder (`YARD_DATA`, or the nearest `.yard` from here upwards). Every command knows `--help`, and `--json`: one value a line, nothing else on stdout, and an error as JSON on stderr.",
    `Where a run or an event is asked for by its id (\`<run>\`, \`--event\`), ${MIN_ID_DIGITS} or more digits of its beginning or its end do, with dashes or without. The end tells more: an id begins with its time, and those of one minute begin alike. Ends are looked for among the newest ${MAX_ENDINGS_READ} runs or events. Where several are meant, nothing is done and they are listed. A name of a rule, a sensor, a queue or a node, and of a file for \`rules test\`, goes before.`,
    "On a terminal a table takes no more than its width, or `COLUMNS`: where that does not do, ids are shown by their last eight digits, and then columns are left out from the right. In a pipe all of it is there.",
    "What follows a run or a sensor (`logs --follow`, `--watch`) ends with its reader, as in `yard logs RUN --follow | head -n 1`, and leaves alone what it follows: within 0.2 s on Linux, where `tail` is that of coreutils and looks after the pipe; elsewhere with the next line. It exits with 0 then: the reader has what it wanted.",
    exitCodes(),
    ...commands.flatMap((command) => sections(command, "yard", 2)),
  ].join("\n\n")}\n`;
}

function sections(node: CommandNode, path: string, depth: number): string[] {
  const name = `${path} ${node.name}`;
  const isDefault = node.name === "list" && depth > 2;
  const usage = [isDefault ? `${path} [list]` : name, ...node.args.map((arg) => arg.name)].join(
    " ",
  );
  const args = node.args.filter(({ about }) => about !== "");
  const aliases = node.aliases.length === 0 ? "" : ` Also \`${path} ${node.aliases.join(", ")}\`.`;
  const details = [
    ...args.map((arg) => `- \`${arg.name}\`: ${arg.about}`),
    ...node.options.filter(({ flags }) => flags !== "--json").map(optionLine),
  ];
  return [
    `${"#".repeat(depth)} \`${usage}\``,
    `${sentence(node.summary)}${aliases}`,
    ...(details.length === 0 ? [] : [details.join("\n")]),
    ...node.commands.flatMap((child) => sections(child, name, depth + 1)),
  ];
}

function optionLine({ flags, about, choices, fallback }: OptionNode): string {
  const among = choices.length === 0 ? "" : `; one of ${choices.join(", ")}`;
  const usual = fallback === undefined ? "" : `; ${fallback} unless said otherwise`;
  return `- \`${flags}\`: ${about}${among}${usual}`;
}

const MEANINGS: readonly (readonly [number, string])[] = [
  [0, "it worked"],
  [1, "the work failed, or something is wrong"],
  [2, "the call was wrong"],
  [3, "it is not there"],
  [4, "it is not allowed"],
  [5, "the state does not allow it"],
  [6, "the server is out of reach"],
  [ERRORS.timed_out.exit, "it timed out"],
  [ERRORS.canceled.exit, "it was canceled, or interrupted"],
];

function exitCodes(): string {
  const rows = MEANINGS.map(([exit, meaning]) => `| ${exit} | ${meaning} |`);
  return ["## Exit codes", "", "| code | meaning |", "| --- | --- |", ...rows].join("\n");
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
