import type { CreatedToken, CreateToken, Scope, Token } from "@yardmaster/protocol";
import { AppError, isUuid, nearest, SCOPE_MEANINGS } from "@yardmaster/protocol/core";
import type { Client } from "@yardmaster/sdk";
import type { Command } from "commander";
import { act, type Define, defaultList, type Host } from "../command.ts";
import { printable } from "../output/printable.ts";
import { relativeTime } from "../output/time.ts";
import { type Candidate, isPartOf, onlyOf } from "../short-id/find-id.ts";

export const define: Define = (command, host) => {
  act(
    defaultList(command, "list tokens; the tokens themselves are never shown again"),
    host,
    async ({ connect, out, io }) => {
      await out.list((await connect()).tokens.list(), {
        headings: ["ID", "NAME", "SCOPES", "CREATED", "BY", "LAST USED", "EXPIRES"],
        row: (token) => rowOf(token, io.now()),
        empty: "No tokens.",
      });
    },
  );
  defineCreate(command, host);

  const revoke = command
    .command("revoke")
    .alias("remove")
    .description("make a token invalid at once, in every process")
    .argument("<token>", "its name, or its id (as in runs, a part of it does)");
  act(revoke, host, async ({ args, connect, out }) => {
    const client = await connect();
    const id = await tokenId(client, args[0] as string);
    await client.tokens.remove(id);
    out.value({ id, status: "revoked" }, () => out.lines(`Revoked ${id}.`));
  });
};

/** A name is one token's alone, and meant before an id that begins or ends so. @throws AppError not_found */
async function tokenId(client: Client, given: string): Promise<string> {
  if (isUuid(given)) return given;
  const names: string[] = [];
  const candidates: Candidate[] = [];
  for await (const { id, name } of client.tokens.list()) {
    if (name === given) return id;
    names.push(name);
    if (isPartOf(given, id)) candidates.push({ id, about: name });
  }
  const only = onlyOf(given, candidates);
  if (only !== undefined) return only;
  const near = nearest(given, names);
  const hint = near === undefined ? "`yard tokens` lists them" : `did you mean ${near}?`;
  throw new AppError("not_found", `There is no token ${given}; ${hint}`);
}

function rowOf(token: Token, nowMs: number): string[] {
  const { id, name, scopes, created_at, created_by, last_used_at, expires_at } = token;
  return [
    id,
    name,
    scopes.join(","),
    relativeTime(created_at, nowMs),
    printable(created_by),
    last_used_at === null ? "never" : relativeTime(last_used_at, nowMs),
    expires_at === null ? "never" : expiry(expires_at, nowMs),
  ];
}

function expiry(at: string, nowMs: number): string {
  return Date.parse(at) <= nowMs ? "expired" : relativeTime(at, nowMs);
}

interface CreateOptions {
  readonly scope: readonly string[];
  readonly expires?: string;
}

function defineCreate(command: Command, host: Host): void {
  const create = command
    .command("create")
    .description("create a token and show it, this once")
    .argument("<name>")
    .requiredOption("--scope <scope...>", "what it may do; several by spaces or commas", gather)
    .option(
      "--expires <duration>",
      "how long it is valid: 30d, 12h; without it until it is revoked",
    )
    .addHelpText("after", scopesHelp());
  act<CreateOptions>(create, host, async ({ args, options, connect, out }) => {
    const body: CreateToken = {
      name: args[0] as string,
      // The server knows its scopes, and names the nearest for a wrong one.
      scopes: options.scope as Scope[],
      ...(options.expires === undefined ? {} : { expires_in: options.expires }),
    };
    const created = await (await connect()).tokens.create(body);
    out.value(created, () => out.lines(...createdLines(created)));
  });
}

function createdLines({ token, expires_at }: CreatedToken): string[] {
  return expires_at === null ? [token] : [token, `It expires at ${expires_at}.`];
}

function gather(text: string, before: readonly string[] | undefined): string[] {
  const scopes = text.split(",").map((scope) => scope.trim());
  return [...(before ?? []), ...scopes.filter((scope) => scope !== "")];
}

function scopesHelp(): string {
  const lines = Object.entries(SCOPE_MEANINGS).map(
    ([scope, meaning]) => `  ${scope.padEnd(14)}  ${meaning}`,
  );
  return `\nScopes:\n${lines.join("\n")}`;
}
