import type { CommandNode } from "./command-tree.ts";
import { type Offered, offeredAt, offeredBehind } from "./offered.ts";

/** What may follow a path of commands: its subcommands and options. */
export interface Place {
  /** `runs show`; "" for yard itself. */
  readonly path: string;
  /** Words that may stand there: subcommands, and the values of an argument that has a few. */
  readonly commands: readonly { readonly name: string; readonly about: string }[];
  /** What the server has that may stand first there. */
  readonly offered: Offered | undefined;
  readonly options: readonly {
    readonly name: string;
    readonly about: string;
    readonly takesValue: boolean;
    readonly choices: readonly string[];
    /** What the server has that may be its value. */
    readonly offered: Offered | undefined;
  }[];
}

/** Every place of the tree, yard's own first. The default list of a command lends it its options. */
export function placesOf(root: CommandNode): Place[] {
  return places(root, "");
}

function places(node: CommandNode, path: string): Place[] {
  const list = node.commands.find(({ name }) => name === "list");
  const options = [...node.options, ...(list?.options ?? [])];
  const here: Place = {
    path,
    commands: [
      ...node.commands.map(({ name, summary }) => ({ name, about: summary })),
      ...node.args.flatMap(({ choices, about }) => choices.map((name) => ({ name, about }))),
    ],
    offered: offeredAt(path, node.args[0]?.name),
    options: options.flatMap(({ names, about, takesValue, choices }) =>
      names.map((name) => ({ name, about, takesValue, choices, offered: offeredBehind(name) })),
    ),
  };
  const below = node.commands.flatMap((child) =>
    [child.name, ...child.aliases].flatMap((name) => places(child, `${path} ${name}`.trim())),
  );
  return [here, ...below];
}
