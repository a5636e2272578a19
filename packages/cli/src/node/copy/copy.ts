import { mkdir, mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { AppError, isAppError, sizeText } from "@yardmaster/protocol/core";
import type { Client } from "@yardmaster/sdk";
import type { Command } from "commander";
import { act, type Call, type Host } from "../../command.ts";
import { printable } from "../../output/printable.ts";
import type { TransferDeps, Transferred } from "./copy.types.ts";
import { download } from "./download.ts";
import { createFileCalls, type FileCalls } from "./patience.ts";
import {
  below,
  fromHere,
  isFolderText,
  type LocalPlace,
  type NodePlace,
  nameOf,
  type Place,
  placeText,
  readPlace,
} from "./place.ts";
import { createProgress } from "./progress.ts";
import { upload } from "./upload.ts";
import { type Walked, walkLocal, walkNode } from "./walk.ts";

interface CopyOptions {
  readonly recursive?: true;
  readonly mkdirs?: true;
}

type CopyCall = Call<CopyOptions>;

export function defineCopy(command: Command, host: Host): void {
  const copy = command
    .command("cp")
    .description("copy files to or from a node; a place there is NODE:/path")
    .argument("<source>")
    .argument("<target>")
    .option("-r, --recursive", "a folder with all files below it")
    .option("--mkdirs", "make the folders above the target where they lack")
    .addHelpText(
      "after",
      "\nA file is in its place when it is whole and its checksum right, with its mode (a file from a node that was gone on\nwith is held against its size and time). A copy that was cut off goes on\nwhere it stopped when it is called again. A target that ends in / is a folder. Links and empty folders are not copied.",
    );
  act<CopyOptions>(copy, host, async (call) => {
    const { args, io, options } = call;
    const [from, to] = args.map((text) => fromHere(readPlace(text as string), io.cwd)) as [
      Place,
      Place,
    ];
    if (from.node === null && to.node === null)
      throw new AppError(
        "invalid_request",
        "Neither is on a node: write a place there as NODE:/path",
      );
    if (!options.recursive) await refuseFolder(from);
    const client = await call.connect();
    await call.interruptible(async (signal) => {
      const target = (await isFolder(to)) ? below(to, nameOf(from)) : to;
      const pair = { calls: createFileCalls(client), from, to: target, signal };
      if (options.recursive) await copyTree(call, client, pair);
      else await copyFile(call, pair).catch(folderOrElse(from));
    });
  });
}

interface Pair {
  readonly calls: FileCalls;
  readonly from: Place;
  readonly to: Place;
  readonly signal: AbortSignal;
}

async function copyTree(call: CopyCall, client: Client, whole: Pair): Promise<void> {
  const { calls, from, to, signal } = whole;
  const { files, left } = await walk(client, from, signal);
  for (const { path, why } of left)
    call.io.stderr.write(`yard: ${printable(placeText(below(from, path)))} ${why}: not copied\n`);
  if (files.length === 0) call.io.stderr.write("yard: there are no files to copy\n");
  for (const path of files) {
    signal.throwIfAborted();
    const pair = { calls, from: below(from, path), to: below(to, path), signal };
    await copyFile(call, pair, { makesFolders: true });
  }
}

async function walk(client: Client, from: Place, signal: AbortSignal): Promise<Walked> {
  if (from.node !== null) return await walkNode(client, from, signal);
  if (await isFolder(from)) return await walkLocal(from.path);
  throw new AppError("invalid_request", `${from.path} is no folder; copy it without -r`);
}

async function refuseFolder({ node, path }: Place): Promise<void> {
  const isOne = node === null && (await stat(path).catch(() => undefined))?.isDirectory() === true;
  if (isOne) throw isWholeFolder(path);
}

/** Of a place on a node it is known when its file is asked for. */
function folderOrElse(from: Place): (error: unknown) => never {
  return (error) => {
    const isOne =
      from.node !== null &&
      isAppError(error) &&
      error.code === "io_error" &&
      error.message.endsWith(`${from.path} is a folder`);
    throw isOne ? isWholeFolder(placeText(from)) : error;
  };
}

function isWholeFolder(place: string): AppError {
  return new AppError("invalid_request", `${place} is a folder; add -r to copy it whole`);
}

async function copyFile(
  { io, out, options }: CopyCall,
  { calls, from, to, signal }: Pair,
  { makesFolders = options.mkdirs === true } = {},
): Promise<void> {
  const progress = createProgress(io, printable(placeText(from)));
  const deps: TransferDeps = { files: calls, signal, onProgress: progress.update };
  let done: Transferred;
  try {
    done = await transfer(deps, { from, to }, makesFolders);
  } finally {
    progress.end();
  }
  const { bytes, sha256, resumedBytes, isVerified } = done;
  const value = { source: placeText(from), target: placeText(to), bytes, sha256 };
  out.value({ ...value, resumed_bytes: resumedBytes, verified: isVerified }, () => {
    const resumed = resumedBytes === 0 ? "" : `, ${sizeText(resumedBytes)} of it were there`;
    out.lines(`${printable(value.target)}  ${sizeText(bytes)}${resumed}`);
  });
}

async function transfer(
  deps: TransferDeps,
  { from, to }: { readonly from: Place; readonly to: Place },
  makesFolders: boolean,
): Promise<Transferred> {
  if (from.node === null) return await upload(deps, { from, to: to as NodePlace, makesFolders });
  if (to.node !== null) return await through(deps, { from, to }, makesFolders);
  await requireFolder(to, makesFolders);
  return await download(deps, { from, to });
}

/** From one node to another, by way of this machine. */
async function through(
  deps: TransferDeps,
  { from, to }: { readonly from: NodePlace; readonly to: NodePlace },
  makesFolders: boolean,
): Promise<Transferred> {
  const folder = await mkdtemp(join(tmpdir(), "yard-cp-"));
  try {
    const here: LocalPlace = { node: null, path: join(folder, "file") };
    await download(deps, { from, to: here });
    return await upload(deps, { from: here, to, makesFolders });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function requireFolder({ path }: LocalPlace, makesFolders: boolean): Promise<void> {
  const folder = dirname(path);
  if (makesFolders) await mkdir(folder, { recursive: true });
  else if (!(await isFolder({ node: null, path: folder })))
    throw new AppError("not_found", `There is no folder ${folder}; --mkdirs makes it`);
}

/** Of a place on a node only its end says so. */
async function isFolder(place: Place): Promise<boolean> {
  if (place.node !== null) return isFolderText(place);
  return await stat(place.path).then(
    (found) => found.isDirectory(),
    () => isFolderText(place),
  );
}
