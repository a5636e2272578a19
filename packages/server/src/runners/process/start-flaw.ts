import { realpathSync, statSync } from "node:fs";
import { basename, delimiter, join, relative, resolve, sep } from "node:path";
import type { ProcessSpec } from "@yardmaster/kernel";
import { isWorkError } from "../runner.ts";
import { commandLineOf } from "./command-line.ts";
import { baseEnvironment } from "./environment.ts";
import { endsInCarriageReturn, firstLineOf } from "./first-line.ts";

/** Why a process could not be started here. */
export interface StartFlaw {
  readonly message: string;
  readonly hint?: string;
  /** It may be otherwise on the machine that carries the action out. */
  readonly isOfMachine: boolean;
}

/** A pack in its folder; `executables` are all of its files, and whether they have the bit. */
export interface PackOnDisk {
  readonly folder: string;
  readonly executables: ReadonlyMap<string, boolean>;
}

/**
 * What an attempt would fail with where this machine carried it out, as far as files tell without starting anything;
 * undefined where nothing speaks against it.
 */
export function startFlaw(
  spec: ProcessSpec,
  pack: PackOnDisk,
  surroundings: Readonly<Record<string, string | undefined>>,
): StartFlaw | undefined {
  const line = commandLineOf(spec, pack.folder);
  // A file that is not in the pack is told by the compiler; what is left is of this machine's Node.
  if (isWorkError(line)) return { message: line.message, isOfMachine: true };
  const path = { ...baseEnvironment(surroundings, process.platform), ...spec.env }["PATH"] ?? "";
  if (!line.file.includes("/")) return onPath(line.file, path);
  const root = realpathSync.native(pack.folder);
  const file = resolve(root, line.file);
  if (!file.startsWith(root + sep))
    return systemFlaw(file) ?? firstLineFlaw(file, { name: file, path });
  // A path in an attempt's own folder is not there before the attempt is.
  if (spec.entry === undefined && spec.cwd === "work") return undefined;
  const name = relative(root, file).split(sep).join("/");
  return packFileFlaw(name, pack.executables) ?? firstLineFlaw(file, { name, path });
}

function packFileFlaw(name: string, executables: PackOnDisk["executables"]): StartFlaw | undefined {
  const isExecutable = executables.get(name);
  if (isExecutable === undefined) {
    const hint = /(^|\/)\./.test(name)
      ? "what begins with a dot is no part of a pack"
      : "a program is a path from the folder of the pack, or a name on the PATH";
    return { message: `the pack has no file "${name}"`, hint, isOfMachine: false };
  }
  if (isExecutable || process.platform === "win32") return undefined;
  const hint = `chmod +x ${name}, or name its interpreter: command: [bash, ${name}]`;
  return { message: `${name} is not executable`, hint, isOfMachine: false };
}

function systemFlaw(file: string): StartFlaw | undefined {
  const mode = modeOf(file);
  if (mode === undefined)
    return { message: `${file} is not on this machine`, hint: WORKER_NEEDS, isOfMachine: true };
  if ((mode & 0o111) !== 0 || process.platform === "win32") return undefined;
  return { message: `${file} is not executable on this machine`, isOfMachine: true };
}

function firstLineFlaw(
  file: string,
  { name, path }: { readonly name: string; readonly path: string },
): StartFlaw | undefined {
  const line = firstLineOf(file);
  if (line === undefined) return undefined;
  if (endsInCarriageReturn(line)) {
    const message = `the first line (#!) of ${name} ends as on Windows (CRLF), so that its interpreter is not found`;
    return { message, hint: "save it with LF", isOfMachine: false };
  }
  const missing = (program: string): StartFlaw => ({
    message: `${name} names ${program} in its first line (#!), which is not on this machine`,
    hint: WORKER_NEEDS,
    isOfMachine: true,
  });
  if (modeOf(line.interpreter) === undefined) return missing(line.interpreter);
  if (basename(line.interpreter) !== "env") return undefined;
  const program = envProgram(line.argument);
  return program === undefined || onPath(program, path) === undefined
    ? undefined
    : missing(program);
}

/** What `env` is told to run, behind its options and variables. */
function envProgram(argument: string): string | undefined {
  return argument.split(/\s+/).find((word) => word !== "" && !/^-|=/.test(word));
}

function onPath(program: string, path: string): StartFlaw | undefined {
  const isThere = path
    .split(delimiter)
    .some((folder) => ((modeOf(join(folder, program)) ?? 0) & 0o111) !== 0);
  if (isThere || process.platform === "win32") return undefined;
  const message = `"${program}" is not on the PATH of this machine`;
  return { message, hint: WORKER_NEEDS, isOfMachine: true };
}

const WORKER_NEEDS = "the workers that carry this out need it";

/** Of a file, or what a link to one leads to. */
function modeOf(path: string): number | undefined {
  try {
    const facts = statSync(path);
    return facts.isFile() ? facts.mode : undefined;
  } catch {
    return undefined;
  }
}
