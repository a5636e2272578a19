import type { ChangeSecret, Secret } from "@yardmaster/protocol";
import { AppError } from "@yardmaster/protocol/core";
import type { Client } from "@yardmaster/sdk";
import { type Command, Option } from "commander";
import { act, type Define, defaultList, type Host } from "../command.ts";
import type { Io } from "../io.ts";
import type { Output } from "../output/output.ts";
import { printable } from "../output/printable.ts";
import { statusWord } from "../output/status.ts";
import { relativeTime } from "../output/time.ts";
import { readValue, refuseArgument } from "../secret/read-value.ts";
import { noteUnknown, packsOf } from "./unknown-name.ts";

export const define: Define = (command, host) => {
  act(defaultList(command, "list secrets and what uses them; values are never shown"), host, list);
  defineShow(command, host);
  defineSet(command, host);
  defineChange(command, host);

  const remove = command
    .command("rm")
    .aliases(["remove", "delete"])
    .description("remove a secret; what still names it fails from then on")
    .argument("<secret>");
  act(remove, host, async ({ args, connect, out }) => {
    const name = args[0] as string;
    await (await connect()).secrets.remove(name);
    out.value({ name, status: "removed" }, () => out.lines(`Removed ${printable(name)}.`));
  });
};

const list: Parameters<typeof act>[2] = async ({ connect, out, io }) => {
  await out.list((await connect()).secrets.list(), {
    headings: ["NAME", "STATUS", "PACKS", "USED BY", "SET", "BY", "DESCRIPTION"],
    row: (secret) => [
      printable(secret.name),
      statusWord(secret.status, out.paint),
      printable(secret.packs?.join(",") ?? "all"),
      printable(secret.used_by.map(({ ref }) => ref).join(",")),
      relativeTime(secret.updated_at, io.now()),
      printable(secret.updated_by),
      printable(secret.description ?? ""),
    ],
    empty: "No secrets. Set one: yard secrets set NAME",
  });
};

function defineShow(command: Command, host: Host): void {
  const show = command
    .command("show")
    .description("show what uses a secret, and who set it when; never its value")
    .argument("<secret>");
  act(show, host, async ({ args, connect, out, io }) => {
    const secret = await (await connect()).secrets.get(args[0] as string);
    out.value(secret, () => out.lines(...secretLines(secret, io.now(), out)));
  });
}

interface SetOptions {
  readonly file?: string;
  readonly description?: string;
  readonly pack?: readonly string[];
}

function defineSet(command: Command, host: Host): void {
  const set = command
    .command("set")
    .description("set a secret's value: asked for without being shown, piped in, or out of a file")
    .argument("<secret>")
    .allowExcessArguments()
    .option("--file <path>", "take the value from a file; - is stdin")
    .option("--description <text>", "what it is for")
    .option("--pack <pack...>", "the packs that may use it; of a new one, all without this")
    .addHelpText(
      "after",
      "\nThe value is never an argument: other users of the machine would see it. One newline at its end is not part of it.\nWhat is not given (description, packs) stays as it is. Attempts that begin afterwards have the new value.",
    );
  act<SetOptions>(set, host, async ({ args, options, connect, out, io }) => {
    const name = args[0] as string;
    if (set.args.length > 1) throw refuseArgument(name);
    const { file, description, pack } = options;
    const client = await connect();
    const value = await readValue(name, file, io);
    const said = { ...(description && { description }), ...(pack && { packs: [...pack] }) };
    const secret = await client.secrets.set(name, { value, ...said });
    out.value(secret, () => out.lines(...secretLines(secret, io.now(), out)));
    await noteUnloaded(pack ?? [], client, io);
  });
}

interface ChangeOptions {
  readonly description?: string;
  readonly pack?: readonly string[];
  readonly addPack?: readonly string[];
  readonly allPacks?: true;
}

function defineChange(command: Command, host: Host): void {
  const change = command
    .command("change")
    .description("change what is said of a secret, and which packs may use it; its value stays")
    .argument("<secret>")
    .option("--description <text>", 'what it is for; "" takes it away')
    .option("--pack <pack...>", "the packs that may use it, and no others")
    .option("--add-pack <pack...>", "packs that may use it as well")
    .addOption(new Option("--all-packs", "every pack may use it").conflicts(["pack", "addPack"]));
  act<ChangeOptions>(change, host, async ({ args, options, connect, out, io }) => {
    const name = args[0] as string;
    const { description } = options;
    const client = await connect();
    const packs = await allowedPacks(options, () => client.secrets.get(name));
    const body: ChangeSecret = {
      ...(description !== undefined && { description: description || null }),
      ...(packs !== undefined && { packs }),
    };
    if (Object.keys(body).length === 0)
      throw new AppError(
        "invalid_request",
        "Nothing is to be changed: give --description, --pack, --add-pack or --all-packs",
      );
    const secret = await client.secrets.change(name, body);
    out.value(secret, () => out.lines(...secretLines(secret, io.now(), out)));
    await noteUnloaded([...(options.pack ?? []), ...(options.addPack ?? [])], client, io);
  });
}

/** No error: a pack may come later. */
async function noteUnloaded(
  packs: readonly string[],
  client: Client,
  io: Pick<Io, "stderr">,
): Promise<void> {
  const filters = packs.map((given) => ({
    ...{ what: "pack", given, names: () => packsOf(client) },
    missing: (name: string) => `no pack ${name} is loaded`,
  }));
  await noteUnknown(io, filters);
}

/** Undefined: they stay. Null: all. */
async function allowedPacks(
  { pack, addPack, allPacks }: ChangeOptions,
  read: () => Promise<Secret>,
): Promise<string[] | null | undefined> {
  if (allPacks) return null;
  if (addPack === undefined) return pack === undefined ? undefined : [...pack];
  const present = pack ?? (await read()).packs;
  // All that may use it already are not made fewer.
  return present === null ? null : [...new Set([...present, ...addPack])];
}

function secretLines(secret: Secret, nowMs: number, { paint }: Output): string[] {
  const { name, description, packs, revision, status, used_by } = secret;
  const state =
    status === "ok"
      ? "is set"
      : `is ${statusWord(status, paint)}: it was sealed under another master key; set it again`;
  const when = relativeTime(secret.updated_at, nowMs);
  return [
    `Secret ${paint.strong(printable(name))} ${state}`,
    ...(description === null ? [] : [`about    ${printable(description)}`]),
    `value    number ${revision}; it is never shown`,
    `changed  ${when} by ${printable(secret.updated_by)}`,
    `packs    ${packs === null ? "all may use it" : printable(packs.join(", "))}`,
    ...(used_by.length === 0 ? ["used by  nothing in the active packs"] : []),
    ...used_by.map(
      ({ kind, ref, pack, allowed }, at) =>
        `${at === 0 ? "used by" : "       "}  ${kind} ${printable(ref)}${
          allowed ? "" : paint.bad(` (the pack ${printable(pack)} may not use it)`)
        }`,
    ),
  ];
}
