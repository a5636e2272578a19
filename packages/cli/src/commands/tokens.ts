import type { Scope } from "@yardmaster/protocol";
import { act, type Define, defaultList } from "../command.ts";
import { printable } from "../output/printable.ts";
import { relativeTime } from "../output/time.ts";

export const define: Define = (command, host) => {
  act(
    defaultList(command, "list tokens; the tokens themselves are never shown again"),
    host,
    async ({ connect, out, io }) => {
      await out.list((await connect()).tokens.list(), {
        headings: ["ID", "NAME", "CREATED", "BY", "SCOPES"],
        row: (token) => [
          token.id,
          token.name,
          relativeTime(token.created_at, io.now()),
          printable(token.created_by),
          token.scopes.join(","),
        ],
        empty: "No tokens.",
      });
    },
  );

  const create = command
    .command("create")
    .description("create a token and show it, this once")
    .argument("<name>");
  create.requiredOption(
    "--scopes <list>",
    "what it may do, by commas: runs:read,runs:write; admin may do all",
  );
  act<{ scopes: string }>(create, host, async ({ args, options, connect, out }) => {
    // The server knows its scopes, and names the nearest for a wrong one.
    const scopes = options.scopes.split(",").map((scope) => scope.trim()) as Scope[];
    const created = await (await connect()).tokens.create({ name: args[0] as string, scopes });
    out.value(created, () => out.lines(created.token));
  });

  const remove = command
    .command("remove")
    .description("make a token invalid at once")
    .argument("<id>");
  act(remove, host, async ({ args, connect, out }) => {
    const id = args[0] as string;
    await (await connect()).tokens.remove(id);
    out.value({ id, status: "removed" }, () => out.lines(`Removed ${id}.`));
  });
};
