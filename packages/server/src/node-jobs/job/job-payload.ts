import { createHash } from "node:crypto";
import type { WorkError } from "@yardmaster/protocol";
import { type JobFile, NODE_LIMITS, type ProcessPayload } from "@yardmaster/protocol/node";
import type { AttemptFiles, RemoteStart } from "../../runners/index.ts";
import { COLLECT_LIMITS } from "../files/fetch-back.ts";

/** Where the input goes that comes as a file; no pack may have it (names of packs' files do not begin with a dot). */
const INPUT_FILE = ".yard/input.json";

/** A file of a job, and where its content is: in the pack's folder, here, or with the files of steps. */
export interface OfferedFile extends JobFile {
  readonly content?: Buffer;
  /** Its bytes from an offset on. */
  readonly read?: (from: number) => AsyncIterable<Buffer>;
}

export interface Offered {
  readonly payload: ProcessPayload;
  /** By checksum: what the node may ask for. */
  readonly files: ReadonlyMap<string, OfferedFile>;
}

/** What a node is told of a process to run, or why that cannot be told (`limit_exceeded`, `process_start`). */
export function jobPayloadOf(
  start: RemoteStart,
  packFiles: readonly JobFile[],
): Offered | WorkError {
  const { argv, interpreter, env, cwd, stdin, inputFile, timeoutMs } = start;
  const [program = ""] = argv;
  if (interpreter !== undefined && !packFiles.some(({ path }) => path === program)) {
    const message = `The entry "${program}" is not a file of the pack; check its name.`;
    return { code: "process_start", message };
  }
  const input = inputFile === undefined ? undefined : inputFileOf(inputFile);
  const files: OfferedFile[] = input === undefined ? [...packFiles] : [...packFiles, input];
  if (files.length > NODE_LIMITS.jobFiles)
    return tooMuch(`the pack has ${files.length} files, a node takes ${NODE_LIMITS.jobFiles}`);
  const stdinBytes = Buffer.from(stdin);
  if (stdinBytes.length > NODE_LIMITS.rangeBytes)
    return tooMuch(
      `the input is larger than the ${NODE_LIMITS.rangeBytes} bytes that a node takes`,
    );
  const payload: ProcessPayload = {
    argv: [...argv],
    ...(interpreter === undefined ? {} : { interpreter }),
    env: { ...env },
    cwd,
    ...(stdinBytes.length === 0 ? {} : { stdin_b64: stdinBytes.toString("base64") }),
    ...(input === undefined ? {} : { input_file: INPUT_FILE }),
    timeout_ms: timeoutMs,
    files: files.map(({ path, bytes, sha256, mode }) => ({ path, bytes, sha256, mode })),
    collect: [...(start.files?.globs ?? [])],
    collect_limits: COLLECT_LIMITS,
    work_files: [...(start.files?.attempt.given ?? [])],
  };
  return { payload, files: contentsOf(files, start.files?.attempt) };
}

function contentsOf(
  files: readonly OfferedFile[],
  attempt: AttemptFiles | undefined,
): ReadonlyMap<string, OfferedFile> {
  const given = (attempt?.given ?? []).map((file): OfferedFile => {
    const { sha256 } = file;
    return { ...file, read: (from) => attempt?.read(sha256, from) ?? nothing() };
  });
  return new Map([...given, ...files].map((file) => [file.sha256, file]));
}

async function* nothing(): AsyncGenerator<Buffer> {}

function inputFileOf(text: string): OfferedFile {
  const content = Buffer.from(text);
  const sha256 = createHash("sha256").update(content).digest("hex");
  return { path: INPUT_FILE, bytes: content.length, sha256, mode: "0600", content };
}

function tooMuch(why: string): WorkError {
  return { code: "limit_exceeded", message: `The job cannot be offered to a node: ${why}.` };
}
