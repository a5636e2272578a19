import { basename, resolve } from "node:path";
import type { RunFile } from "@yardmaster/protocol";
import { sizeText } from "@yardmaster/protocol/core";
import type { Client } from "@yardmaster/sdk";
import { act, type Call, type Define } from "../command.ts";
import { requireStep } from "../commands/known-step.ts";
import { createProgress } from "../node/copy/progress.ts";
import { printable } from "../output/printable.ts";
import { findRunId } from "../short-id/find-id.ts";
import { chooseFile, filesOf, stepOf } from "./choose-file.ts";
import { fetchFile } from "./fetch-file.ts";

interface FilesOptions {
  readonly get?: string;
  readonly step?: string;
  readonly output?: string;
}

const SHAPE = { headings: ["STEP", "SIZE", "SHA256", "PATH"], empty: "No files." };
const SHORT_CHARS = 12;

/** `yard runs files`: what the steps of a run handed back. */
export const defineFiles: Define = (command, host) => {
  const files = command
    .command("files")
    .description("list the files that a run's steps handed back, or fetch one")
    .argument("<run>")
    .option("--get <path>", "fetch this one; what was cut off is gone on with")
    .option("--step <step>", "only of this step, or with #0 of one of its items")
    .option("-o, --output <file>", "where it goes; its own name here if left out");
  act<FilesOptions>(files, host, async (call) => {
    const client = await call.connect();
    const run = await findRunId(client, call.args[0] as string, call.io.now());
    const { step } = call.options;
    const found = await client.runs.files(run);
    const ofStep = filesOf(found, step);
    if (step !== undefined && ofStep.length === 0) await requireStep(client, run, step);
    if (call.options.get !== undefined)
      return await get(call, client, run, chooseFile(found, call.options.get, step));
    await call.out.list(eachOf(ofStep), { ...SHAPE, row: rowOf });
  });
};

async function get(
  call: Call<FilesOptions>,
  client: Client,
  run: string,
  file: RunFile,
): Promise<void> {
  const { io, out, options } = call;
  const target = resolve(io.cwd, options.output ?? basename(file.path));
  const progress = createProgress(io, file.path);
  const { resumedBytes } = await call
    .interruptible((signal) =>
      fetchFile(client, { run, file, target, signal, onProgress: progress.update }),
    )
    .finally(progress.end);
  out.value({ ...file, target, resumed_bytes: resumedBytes }, () => {
    const before = resumedBytes > 0 ? `, ${sizeText(resumedBytes)} of it were there` : "";
    out.lines(`${printable(file.path)}  ${sizeText(file.bytes)}${before}`);
  });
}

async function* eachOf(files: readonly RunFile[]): AsyncGenerator<RunFile> {
  yield* files;
}

function rowOf(file: RunFile): string[] {
  const { bytes, sha256, path } = file;
  return [printable(stepOf(file)), sizeText(bytes), sha256.slice(0, SHORT_CHARS), printable(path)];
}
