import { stat } from "node:fs/promises";
import { AppError, sizeText } from "@yardmaster/protocol/core";
import type { Client } from "@yardmaster/sdk";
import type { Command } from "commander";
import { act, type Call, type Host } from "../../command.ts";
import { printable } from "../../output/printable.ts";
import type { TransferDeps, Transferred } from "./copy.types.ts";
import { layFolders } from "./folders.ts";
import { createFileCalls, type FileCalls } from "./patience.ts";
import {
  below,
  fromHere,
  isFolderText,
  nameOf,
  type Place,
  placeText,
  readPlace,
} from "./place.ts";
import { createProgress } from "./progress.ts";
import { isWholeFolder, transfer } from "./transfer.ts";
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
      "\nA file is in its place when it is whole and its checksum right, with its mode (a file from a node that was gone on\nwith is held against its size and time). A copy that was cut off goes on\nwhere it stopped when it is called again. A target that ends in / is a folder. A folder that is made has the mode at\nits source, one that is there stays as it is. Links are not copied.",
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
      else await copyFile(call, pair);
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
  const { folders, files, left } = await walk(client, from, signal);
  for (const { path, why } of left)
    call.io.stderr.write(`yard: ${printable(placeText(below(from, path)))} ${why}: not copied\n`);
  const laid = await layFolders({ calls, signal }, to, folders);
  if (laid.isLeftToFiles) call.io.stderr.write(`yard: ${leftToFiles(to)}\n`);
  if (files.length === 0) call.io.stderr.write("yard: there are no files to copy\n");
  for (const path of files) {
    signal.throwIfAborted();
    const pair = { calls, from: below(from, path), to: below(to, path), signal };
    await copyFile(call, pair, { makesFolders: true });
  }
  await laid.finish();
}

function leftToFiles({ node }: Place): string {
  return `the client of node ${node} makes folders only for files: those without files and the modes of folders are not copied; a newer yard node can`;
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

/** Of a place on a node only its end says so. */
async function isFolder(place: Place): Promise<boolean> {
  if (place.node !== null) return isFolderText(place);
  return await stat(place.path).then(
    (found) => found.isDirectory(),
    () => isFolderText(place),
  );
}
