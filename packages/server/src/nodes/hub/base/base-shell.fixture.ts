import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";

export interface ShellResult {
  readonly status: "ok" | "error" | "timeout";
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The shell that base clients keep: a real interactive bash over pipes, with control data among the output. */
export interface BaseShell {
  run(command: string, timeoutMs?: number): Promise<ShellResult>;
  close(): void;
}

const NOTHING = { stdout: "", stderr: "" };

export function startBaseShell(cwd: string): BaseShell {
  const { PATH = "", HOME = "" } = process.env;
  const child = spawn("bash", ["--noprofile", "--norc", "-i"], {
    cwd,
    env: { PATH, HOME, USER: "node", SHELL: "/bin/bash", LANG: "C.UTF-8", TERM: "xterm", PS1: "" },
    detached: true,
  });
  let stdout = "";
  let stderr = "";
  let isOver = false;
  let call = 0;
  let looked: (() => void) | undefined;
  const look = (): void => looked?.();
  child.stdout.on("data", (bytes: Buffer) => {
    stdout += bytes.toString();
    look();
  });
  child.stderr.on("data", (bytes: Buffer) => {
    stderr += bytes.toString();
    look();
  });
  child.on("close", () => {
    isOver = true;
    look();
  });
  child.stdin.on("error", () => undefined);

  return {
    async run(command, timeoutMs = 60_000) {
      if (isOver) return { status: "error", exitCode: -1, ...NOTHING };
      call++;
      const stderrFrom = stderr.length;
      child.stdin.write(framed(call, command));
      const isDone = await waited(timeoutMs, () => isOver || hasEnded(call));
      if (!isDone) return { status: "timeout", exitCode: -1, ...NOTHING };
      const result = resultOf(call);
      if (result === undefined) return { status: "error", exitCode: -1, ...NOTHING };
      return { ...result, stderr: lines(stderr.slice(stderrFrom)) };
    },
    close: () => killGroup(child),
  };

  function hasEnded(seq: number): boolean {
    return resultOf(seq) !== undefined && stderr.includes(`\n__HERMES_STDBUF_${seq}__\n`);
  }

  /** Lines between the markers of a call; one that has text before its end marker keeps both. */
  function resultOf(seq: number): Omit<ShellResult, "stderr"> | undefined {
    const begin = stdout.indexOf(`__HERMES_BEGIN_${seq}__\n`);
    const exit = /EXIT (\d+)\n__HERMES_CWD_/g;
    exit.lastIndex = begin;
    const match = begin === -1 ? null : exit.exec(stdout);
    if (match === null) return undefined;
    const text = stdout.slice(stdout.indexOf("\n", begin) + 1, match.index);
    const exitCode = Number(match[1]);
    const whole = text.replace(new RegExp(`^__HERMES_END_${seq}__\n`, "m"), "");
    return { status: exitCode === 0 ? "ok" : "error", exitCode, stdout: lines(whole) };
  }

  function waited(ms: number, test: () => boolean): Promise<boolean> {
    return new Promise((resolve) => {
      const settle = (answer: boolean): void => {
        clearTimeout(timer);
        looked = undefined;
        resolve(answer);
      };
      const timer = setTimeout(() => settle(false), ms);
      looked = () => {
        if (test()) settle(true);
      };
      looked();
    });
  }
}

/** The client reads lines: CRLF becomes LF, and lines that look like its own vanish. */
function lines(text: string): string {
  const kept = text.replaceAll("\r\n", "\n").split("\n");
  return kept.filter((line) => !line.startsWith("EXIT ")).join("\n");
}

function framed(seq: number, command: string): string {
  return [
    `printf '%s\\n' '__HERMES_BEGIN_${seq}__'`,
    `eval '${command.replaceAll("'", "'\\''")}'`,
    "__hermes_ec=$?",
    `echo '__HERMES_STDBUF_${seq}__' >&2`,
    `printf '%s\\n' '__HERMES_END_${seq}__'`,
    `printf 'EXIT %d\\n' "$__hermes_ec"`,
    `printf '%s%s%s\\n' '__HERMES_CWD_a1__' "$(pwd -P)" '__HERMES_CWD_a1__'`,
    "",
  ].join("\n");
}

function killGroup(child: ChildProcessWithoutNullStreams): void {
  if (child.pid === undefined || child.exitCode !== null) return;
  process.kill(-child.pid, "SIGKILL");
}
