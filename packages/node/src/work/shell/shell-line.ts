import type { Environment } from "../environment.ts";
import { quote } from "./quote.ts";

/*
 * What a session's shell is told. It reads its script from stdin and says on stdout how each call ended; the
 * commands have other descriptors in both places, so that none can read our script, nor write what we would take
 * for a word of the shell's. The command itself stands in a file, which the shell sources: it may hold anything,
 * `return` and half a quotation too, and the shell reads it at once instead of byte by byte.
 */

/** One call, as the line is made of it. */
export interface ShellCall {
  /** Random per call: nothing else on the shell's stdout is taken for its word. */
  readonly nonce: string;
  readonly commandFile: string;
  readonly stdin: string;
  readonly stdout: string;
  readonly stderr: string;
  /** The shell says so once it has opened stdin. */
  readonly saysBegun: boolean;
  /** For this call alone. */
  readonly env: Environment;
  /** For this call alone, unless the command itself goes elsewhere; then where to go back to. */
  readonly cwd: { readonly to: string; readonly back: string } | undefined;
}

/** What the shell says of a call. */
export type ShellWord =
  | { readonly kind: "begun" }
  | { readonly kind: "no_folder" }
  | { readonly kind: "done"; readonly exitCode: number; readonly cwd: string };

/** How a running command is made to end without its shell: see `ABORT_TRAP`. */
export const ABORT_SIGNAL = "SIGURG";

/**
 * What bash does on the signal: it leaves the sourced file, wherever in it and its functions it is, before the
 * next command begins. `return` leaves one function; the DEBUG trap makes each command after it return likewise.
 * Loops of the shell itself end that way too, and the session keeps its folder and variables.
 */
const ABORT_TRAP = `trap '((\${#BASH_SOURCE[@]}))&&{ trap "return 143" DEBUG;return 143;}' URG`;

/** Job control, so that each pipeline has a process group of its own. */
export const BASH_BEGINNING = `set -m;${ABORT_TRAP}\n`;

/** After a call was made to end. */
export const BASH_AFTER_ABORT = "trap - DEBUG\n";

export function bashLine(call: ShellCall): string {
  const env = assignments(call.env).join(" ");
  return lineOf(call, `${env} . ${quote(call.commandFile)}`, "builtin ", "");
}

/** In a POSIX shell, assignments before `.` stay: what was there before is put back by hand. */
export function posixLine(call: ShellCall): string {
  const names = Object.keys(call.env);
  const keep = names.map((name) => `_yard_${name}=\${${name}+x$${name}};`).join("");
  const set = assignments(call.env).map((text) => `export ${text};`);
  const back = names
    .map(
      (name) => `case "$_yard_${name}" in x*)${name}="\${_yard_${name}#x}";;*)unset ${name};;esac`,
    )
    .join(";");
  return lineOf(call, `${keep}${set.join("")}. ${quote(call.commandFile)}`, "command ", back);
}

function lineOf(call: ShellCall, source: string, builtin: string, after: string): string {
  const { nonce, cwd } = call;
  const stdin = quote(call.stdin);
  const outputs = `>${quote(call.stdout)} 2>${quote(call.stderr)}`;
  const run = call.saysBegun
    ? `{ ${builtin}printf '\\0%s b\\0' ${nonce};{ ${source}; } ${outputs}; } <${stdin}`
    : `{ ${source}; } <${stdin} ${outputs}`;
  const done = `${builtin}printf '\\0%s d %s %s\\0' ${nonce} "$?" "$PWD"`;
  const statements = [run, done, ...(after === "" ? [] : [after])].join(";");
  if (cwd === undefined) return `${statements}\n`;
  const goBack = `case $PWD in ${quote(cwd.to)})${builtin}cd ${quote(cwd.back)};;esac`;
  const noFolder = `${builtin}printf '\\0%s n\\0' ${nonce}`;
  return `if ${builtin}cd ${quote(cwd.to)};then ${statements};${goBack};else ${noFolder};fi\n`;
}

function assignments(env: Environment): string[] {
  return Object.entries(env).map(([name, value]) => `${name}=${quote(value)}`);
}

/** Takes what the shell prints as it comes, gives the words of the call with the nonce; all else is dropped. */
export function createWordReader(onWord: (nonce: string, word: ShellWord) => void) {
  let rest = "";
  return (chunk: Buffer): void => {
    const parts = (rest + chunk.toString("utf8")).split("\0");
    rest = (parts.pop() ?? "").slice(-MOST_WORD_CHARS);
    for (const part of parts) {
      const [, nonce, kind, code, cwd] = /^([0-9a-f]+) ([bdn])(?: (\d+) (.*))?$/s.exec(part) ?? [];
      if (nonce === undefined) continue;
      if (kind === "b") onWord(nonce, { kind: "begun" });
      else if (kind === "n") onWord(nonce, { kind: "no_folder" });
      else onWord(nonce, { kind: "done", exitCode: Number(code), cwd: cwd ?? "" });
    }
  };
}

const MOST_WORD_CHARS = 64 * 1024;
