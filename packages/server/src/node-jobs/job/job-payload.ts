import type { WorkError } from "@yardmaster/protocol";
import { type JobFile, NODE_LIMITS, type ProcessPayload } from "@yardmaster/protocol/node";
import type { AttemptFiles, RemoteStart } from "../../runners/index.ts";
import { COLLECT_LIMITS } from "../files/fetch-back.ts";

/** A file of a job, and where its content is: in the pack's folder, or with the files of steps. */
export interface OfferedFile extends JobFile {
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
  const files: OfferedFile[] = [...packFiles];
  if (files.length > NODE_LIMITS.jobFiles)
    return tooMuch(`the pack has ${files.length} files, a node takes ${NODE_LIMITS.jobFiles}`);
  const input = Buffer.from(inputFile ?? stdin);
  if (input.length > NODE_LIMITS.rangeBytes)
    return tooMuch(
      `the input is larger than the ${NODE_LIMITS.rangeBytes} bytes that a node takes`,
    );
  const payload: ProcessPayload = {
    argv: [...argv],
    ...(interpreter === undefined ? {} : { interpreter }),
    env: { ...env },
    cwd,
    ...(input.length === 0
      ? {}
      : { [inputFile === undefined ? "stdin_b64" : "input_b64"]: input.toString("base64") }),
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

function tooMuch(why: string): WorkError {
  return { code: "limit_exceeded", message: `The job cannot be offered to a node: ${why}.` };
}
