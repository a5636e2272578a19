import { rm, stat } from "node:fs/promises";
import { AppError } from "@yardmaster/protocol/core";
import { fileFlaws, missingFolders } from "../config/allowed-folders.ts";
import { readAuthority } from "../config/authority.ts";
import { type Config, checkConfig, type WrittenConfig } from "../config/config.ts";
import { readWritten, writeConfig } from "../config/config-file.ts";
import { readMemory } from "../config/memory.ts";
import { makeOwnerFolder, writeOwnerFile } from "../config/owner-only.ts";
import { ownersWords, stricterE2e } from "../config/paired-anew.ts";
import { readServerUrl } from "../config/server-url.ts";
import { type StateFolder, stateFolder } from "../config/state-folder.ts";
import { encryptOrNot } from "../link/refusal.ts";
import { readFlags } from "./flags.ts";
import type { Io } from "./io.ts";
import { PAIR_FLAGS, type PairFlags, wordsOf } from "./pair-flags.ts";
import { swapToken } from "./swap-token.ts";

/**
 * `pair`: writes the configuration of this machine. Everything that could go wrong here is tried before the server
 * is asked, since a pairing token works once.
 */
export async function pair(args: readonly string[], io: Io): Promise<number> {
  const flags = readFlags(args, PAIR_FLAGS);
  await pairWith(flags, io);
  io.out(startLine(stateFolder(flags.state, io.env)));
  return 0;
}

export async function pairWith(flags: PairFlags, io: Io): Promise<void> {
  const folder = stateFolder(flags.state, io.env);
  const before = await writtenBefore(folder, flags.force === true);
  const token = await tokenOf(flags.token, io);
  const draft = writtenOf(flags, token, before);
  const config = await checked({ ...draft, name: draft.name ?? "unnamed" });
  if (config.ca_cert !== undefined) await readAuthority(config.ca_cert);
  await probe(folder);
  const said = flags.e2e === undefined ? undefined : config.e2e;
  const written =
    flags.lasting === true ? lasting(draft) : await swapped(draft, { config, said, folder }, io);
  await writeConfig(folder.config, written);
  for (const line of await missingFolders(config)) io.err(`yard-node: ${line}\n`);
  io.out(`Paired as ${written.name} with ${written.server}.\n${filesLine(written, folder)}`);
}

type Draft = Omit<WrittenConfig, "name"> & { readonly name?: string };

/** What the owner has said of a machine that is paired anew. One that is paired is not so by accident. */
async function writtenBefore(
  folder: StateFolder,
  force: boolean,
): Promise<WrittenConfig | undefined> {
  if (!(await isPaired(folder))) return undefined;
  if (force) return await readWritten(folder.config);
  throw new AppError(
    "conflict",
    `this machine is paired already (${folder.config}); --force pairs it anew, and leaves what its owner allows as it is`,
  );
}

export async function isPaired({ config }: StateFolder): Promise<boolean> {
  return await stat(config).then(
    () => true,
    () => false,
  );
}

/** On the command line others of the machine can see it, so there are other ways. */
async function tokenOf(flag: string | undefined, io: Io): Promise<string> {
  const text = flag === "-" ? await io.readStdin() : (flag ?? io.env["YARD_NODE_TOKEN"] ?? "");
  const token = text.trim();
  if (token !== "") return token;
  throw new AppError(
    "invalid_request",
    "a pairing token is needed: --token TOKEN, --token - to read it from standard input, or YARD_NODE_TOKEN",
  );
}

function writtenOf(flags: PairFlags, token: string, before: WrittenConfig | undefined): Draft {
  const { server, ...words } = wordsOf(flags);
  if (server === undefined) {
    throw new AppError("invalid_request", "the server is needed: --server wss://yard.example.org");
  }
  const kept = before === undefined ? {} : ownersWords(before, server);
  return { server, token, ...kept, ...words };
}

async function checked(written: WrittenConfig): Promise<Config> {
  const result = checkConfig(written);
  const flaws = "config" in result ? await fileFlaws(result.config) : result.flaws;
  if ("config" in result && flaws.length === 0) return result.config;
  throw new AppError("invalid_request", flaws.join("\n"));
}

/** Finds out whether the folder can be written before the token is used up. */
async function probe(folder: StateFolder): Promise<void> {
  await makeOwnerFolder(folder.path);
  const trial = `${folder.config}.trial`;
  await writeOwnerFile(trial, "");
  await rm(trial, { force: true });
}

/** A token that is not swapped: of a server of the base protocol. */
function lasting({ name, ...rest }: Draft): WrittenConfig {
  if (name !== undefined) return { name, ...rest };
  throw new AppError("invalid_request", "with --lasting the node's name is needed: --name NAME");
}

interface Asked {
  readonly config: Config;
  /** What the owner says of encryption now. */
  readonly said: Config["e2e"] | undefined;
  readonly folder: StateFolder;
}

async function swapped(
  draft: Draft,
  { config, said, folder }: Asked,
  { env, out }: Io,
): Promise<WrittenConfig> {
  const url = readServerUrl(config.server);
  if (typeof url === "string") throw new AppError("invalid_request", `--server ${url}`);
  const swap = await swapToken({
    url,
    token: config.token,
    name: draft.name,
    way: config,
    env,
  });
  const { name, token } = swap;
  const e2e = said ?? stricterE2e(draft.e2e ?? "off", swap.e2e);
  const hasEncrypted = (await readMemory(folder.memory)).hasEncrypted(url.link.href);
  const insists = e2e === "required" || (e2e === "preferred" && hasEncrypted);
  if (insists && swap.e2e === "off") out(oneSidedLine(name));
  return { ...draft, name, token, ...(e2e === "off" && draft.e2e === undefined ? {} : { e2e }) };
}

/** It will dial in vain: the owner's word is kept, and it is for a person to say which side is to change. */
function oneSidedLine(name: string): string {
  return `The server does not encrypt end to end with ${name}, and this node insists on it: ${encryptOrNot(name)}.\n`;
}

function filesLine({ allowed_paths }: WrittenConfig, { config }: StateFolder): string {
  return allowed_paths === undefined
    ? `No files may be read or written yet: list folders under "allowed_paths" in ${config}.\n`
    : "";
}

function startLine({ path }: StateFolder): string {
  const isDefault = path === stateFolder(undefined).path;
  return `Start it: ${isDefault ? "yard-node run" : `yard-node run --state ${path}`}\n`;
}
