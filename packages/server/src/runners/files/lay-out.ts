import { createHash } from "node:crypto";
import { mkdir, open, statfs } from "node:fs/promises";
import { dirname, join } from "node:path";
import { isOfMachine, type StepFile, type WorkError } from "@yardmaster/protocol";
import { notBegunHere } from "../not-begun.ts";
import type { RunAs } from "../run-as/run-as.ts";
import { giveMade, takeBack } from "../run-as/user-folders.ts";
import type { AttemptFiles } from "./attempt-files.ts";

/** Puts the files that an attempt is given into its work folder, which is empty; or says why it cannot. Throws NotBegun. */
export async function layOut(
  workFolder: string,
  files: AttemptFiles,
  signal: AbortSignal,
  user?: RunAs | undefined,
): Promise<WorkError | undefined> {
  try {
    const refused = await files.refused();
    if (refused !== undefined) return refused;
    if (user !== undefined) takeBack(workFolder);
    for (const file of files.given) {
      signal.throwIfAborted();
      const flaw = await layFile(workFolder, file, files, signal);
      if (flaw !== undefined) return flaw;
    }
    if (user !== undefined)
      for (const path of madeFor(files.given)) giveMade(join(workFolder, path), user);
    return undefined;
  } catch (error) {
    if (signal.aborted) return { code: "canceled", message: "It was stopped." };
    if (isOfMachine(error) && (await mayEverFit(workFolder, files))) throw notBegunHere(error);
    const reason = error instanceof Error ? error.message : String(error);
    const message = `The files that it is given could not be put into its work folder: ${reason}`;
    return { code: "io_error", message };
  }
}

/** The files, and the folders that were made for them. */
function madeFor(given: readonly StepFile[]): Set<string> {
  const made = new Set<string>();
  for (const { path } of given) {
    for (let at = path; at !== "."; at = dirname(at)) made.add(at);
  }
  return made;
}

/** What is larger than the whole disk would be given back for ever. */
async function mayEverFit(workFolder: string, { given }: AttemptFiles): Promise<boolean> {
  const { blocks, bsize } = await statfs(workFolder);
  return given.reduce((sum, { bytes }) => sum + bytes, 0) <= blocks * bsize;
}

async function layFile(
  workFolder: string,
  { path, sha256, mode }: StepFile,
  files: AttemptFiles,
  signal: AbortSignal,
): Promise<WorkError | undefined> {
  const target = join(workFolder, path);
  await mkdir(dirname(target), { recursive: true, mode: 0o700 });
  const hash = createHash("sha256");
  const file = await open(target, "wx", Number.parseInt(mode, 8) & 0o700);
  try {
    for await (const piece of files.read(sha256, 0)) {
      signal.throwIfAborted();
      hash.update(piece);
      await file.writeFile(piece);
    }
  } finally {
    await file.close();
  }
  if (hash.digest("hex") === sha256) return undefined;
  const message = `The stored content of ${path} is not what its checksum says.`;
  return { code: "hash_mismatch", message, details: { path, sha256 } };
}
