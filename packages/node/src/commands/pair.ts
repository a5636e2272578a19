import { rm, stat } from "node:fs/promises";
import { AppError } from "@yardmaster/protocol/core";
import { fileFlaws, missingFolders } from "../config/allowed-folders.ts";
import { readAuthority } from "../config/authority.ts";
import { type Config, checkConfig, SLOTS_MOST, type WrittenConfig } from "../config/config.ts";
import { writeConfig } from "../config/config-file.ts";
import { makeOwnerFolder, writeOwnerFile } from "../config/owner-only.ts";
import { readServerUrl } from "../config/server-url.ts";
import { type StateFolder, stateFolder } from "../config/state-folder.ts";
import { pick, readFlags } from "./flags.ts";
import type { Io } from "./io.ts";
import { swapToken } from "./swap-token.ts";

/** What `pair` and `run` can be told of a machine that is not paired yet. */
export const PAIR_FLAGS = {
  server: { type: "string" },
  token: { type: "string" },
  name: { type: "string" },
  state: { type: "string" },
  allow: { type: "string", multiple: true },
  label: { type: "string", multiple: true },
  slots: { type: "string" },
  "ca-cert": { type: "string" },
  pin: { type: "string" },
  proxy: { type: "string" },
  e2e: { type: "string" },
  insecure: { type: "boolean" },
  lasting: { type: "boolean" },
  force: { type: "boolean" },
} as const;

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

export type PairFlags = ReturnType<typeof readFlags<typeof PAIR_FLAGS>>;

export async function pairWith(flags: PairFlags, io: Io): Promise<void> {
  const folder = stateFolder(flags.state, io.env);
  await refuseOverwrite(folder, flags.force === true);
  const token = await tokenOf(flags.token, io);
  const draft = writtenOf(flags, token);
  const config = await checked({ ...draft, name: draft.name ?? "unnamed" });
  if (config.ca_cert !== undefined) await readAuthority(config.ca_cert);
  await probe(folder);
  const written = flags.lasting === true ? lasting(draft) : await swapped(draft, config, io);
  await writeConfig(folder.config, written);
  for (const line of await missingFolders(config)) io.err(`yard-node: ${line}\n`);
  io.out(`Paired as ${written.name} with ${written.server}.\n${filesLine(written, folder)}`);
}

type Draft = Omit<WrittenConfig, "name"> & { readonly name?: string };

async function refuseOverwrite(folder: StateFolder, force: boolean): Promise<void> {
  if (force || !(await isPaired(folder))) return;
  throw new AppError(
    "conflict",
    `this machine is paired already (${folder.config}); use --force to pair it anew`,
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

function writtenOf(flags: PairFlags, token: string): Draft {
  const { server, name, slots, pin, proxy, e2e, insecure } = flags;
  if (server === undefined) {
    throw new AppError("invalid_request", "the server is needed: --server wss://yard.example.org");
  }
  return {
    server,
    token,
    ...pick("name", name?.trim()),
    ...pick("allowed_paths", flags.allow),
    ...pick("labels", flags.label === undefined ? undefined : labelsOf(flags.label)),
    ...pick("slots", slots === undefined ? undefined : slotsOf(slots)),
    ...pick("ca_cert", flags["ca-cert"]),
    ...pick("pin", pin),
    ...pick("proxy_url", proxy),
    ...pick("e2e", e2e as Config["e2e"] | undefined),
    ...pick("insecure", insecure),
  };
}

function slotsOf(text: string): number {
  const slots = /^\d{1,4}$/.test(text.trim()) ? Number(text) : 0;
  if (slots >= 1 && slots <= SLOTS_MOST) return slots;
  const wanted = `must be a whole number from 1 to ${SLOTS_MOST}, of calls and jobs at once`;
  throw new AppError("invalid_request", `--slots ${text}: ${wanted}`);
}

/** `key=value`, or `key` alone for one without a value. */
function labelsOf(pairs: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const [key = "", ...value] = pair.split("=");
      if (key.trim() !== "") return [key.trim(), value.join("=").trim()];
      throw new AppError("invalid_request", `--label ${pair}: write it like os=linux, or gpu`);
    }),
  );
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

async function swapped(draft: Draft, config: Config, { env }: Io): Promise<WrittenConfig> {
  const url = readServerUrl(config.server);
  if (typeof url === "string") throw new AppError("invalid_request", `--server ${url}`);
  const { name, token, e2e } = await swapToken({
    url,
    token: config.token,
    name: draft.name,
    way: config,
    env,
  });
  return { ...draft, name, token, ...(draft.e2e === undefined && e2e !== "off" ? { e2e } : {}) };
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
