import { realpathSync, statSync } from "node:fs";
import { basename, extname, isAbsolute, join, sep } from "node:path";
import type { ProcessSpec } from "@yardmaster/kernel";
import type { WorkError } from "@yardmaster/protocol";
import { failureCode } from "@yardmaster/protocol";

export interface CommandLine {
  readonly file: string;
  readonly args: readonly string[];
}

/** How a shell takes a program as an argument where that is not `-c`. */
const PROGRAM_FLAG: Readonly<Record<string, string>> = {
  node: "-e",
  perl: "-e",
  ruby: "-e",
  lua: "-e",
  php: "-r",
  bun: "-e",
  pwsh: "-Command",
  powershell: "-Command",
  cmd: "/c",
};

/** POSIX shells take the first argument after the program as `$0`. */
const NAMES_ITSELF = new Set(["sh", "bash", "dash", "ash", "zsh", "ksh", "busybox"]);

/** What to execute for a spec, or why it cannot be (`process_start`). Touches the disk only for `entry`. */
export function commandLineOf(spec: ProcessSpec, packFolder: string): CommandLine | WorkError {
  const args = spec.args ?? [];
  if (spec.entry !== undefined) return entryLine(spec.entry, spec, packFolder);
  if (spec.script !== undefined) return scriptLine(spec.script, spec.shell, args);
  const [file, ...rest] = spec.command ?? [];
  if (!file) return unstartable("The action names nothing to run: give command, entry or script.");
  return { file, args: rest.length + args.length === 0 ? [] : [...rest, ...args] };
}

function scriptLine(
  script: string,
  shell: string | undefined,
  args: readonly string[],
): CommandLine {
  const [file = "/bin/sh", ...flags] = shell?.trim()
    ? shell.trim().split(/\s+/)
    : ["/bin/sh", "-eu"];
  const name = basename(file).replace(/\.exe$/i, "");
  const zeroth = NAMES_ITSELF.has(name) ? ["script"] : [];
  const dashes = name === "node" && args.length > 0 ? ["--"] : [];
  return {
    file,
    args: [...flags, PROGRAM_FLAG[name] ?? "-c", script, ...zeroth, ...dashes, ...args],
  };
}

function entryLine(entry: string, spec: ProcessSpec, packFolder: string): CommandLine | WorkError {
  const path = entryPath(entry, packFolder);
  if (typeof path !== "string") return path;
  const interpreter = interpreterOf(path);
  if ("code" in interpreter) return interpreter;
  const [file = path, ...flags] = interpreter;
  const own = interpreter.length === 0 ? [] : [path];
  return { file, args: [...flags, ...own, ...(spec.args ?? [])] };
}

/** The entry with all links resolved: a link that leads out of the pack would run what was not reviewed. */
function entryPath(entry: string, packFolder: string): string | WorkError {
  const outside = `The entry "${entry}" lies outside the pack; name a file inside its folder.`;
  if (entry.includes("\0") || isAbsolute(entry)) return unstartable(outside);
  try {
    const root = realpathSync.native(packFolder);
    const real = realpathSync.native(join(root, entry));
    if (!real.startsWith(root + sep)) return unstartable(outside);
    if (!statSync(real).isFile()) return unstartable(`The entry "${entry}" is not a file.`);
    return real;
  } catch (error) {
    const code = failureCode(error) ?? String(error);
    return unstartable(
      `The entry "${entry}" cannot be read in the pack (${code}); check its name.`,
    );
  }
}

function interpreterOf(path: string): readonly string[] | WorkError {
  switch (extname(path)) {
    case ".js":
    case ".mjs":
    case ".cjs":
      return [process.execPath];
    case ".ts":
    case ".mts":
    case ".cts":
      if ("typescript" in process.features && process.features.typescript)
        return [process.execPath];
      return unstartable(
        `Node ${process.versions.node} cannot run TypeScript; compile "${basename(path)}" to .mjs, or run the worker with Node 22.18 or later.`,
      );
    case ".py":
      // -B: Python would write __pycache__ into the pack, whose digest is pinned.
      return [process.platform === "win32" ? "python" : "python3", "-B"];
    case ".sh":
      return ["/bin/sh"];
    default:
      return [];
  }
}

function unstartable(message: string): WorkError {
  return { code: "process_start", message };
}
