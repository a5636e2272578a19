import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { onTestFinished } from "vitest";
import type { WrittenConfig } from "../src/config/config.ts";

const BUILDER = resolve(import.meta.dirname, "../../../scripts/build-programs.mjs");
const CLIENT = { source: "packages/node/src/cli.ts", isCarried: true };
const folder = mkdtempSync(join(tmpdir(), "yn-"));
process.once("exit", () => rmSync(folder, { recursive: true, force: true }));

let building: Promise<string> | undefined;

/** The client as one file, made from the sources as they are, once for each file of tests. */
export function program(): Promise<string> {
  building ??= (
    import(BUILDER) as Promise<{ buildProgram: (one: object, output: string) => Promise<string> }>
  ).then(({ buildProgram }) => buildProgram(CLIENT, join(folder, "yard-node.mjs")));
  return building;
}

export const TOKEN = "Yard-Test-Token-0000000000000000000000000_A";

/** A folder of state that is gone after the test; with a configuration where one is given. */
export function newState(
  config?: Partial<WrittenConfig> & { server: string },
  mode = 0o600,
): string {
  const state = mkdtempSync(join(tmpdir(), "yn-"));
  onTestFinished(() => rmSync(state, { recursive: true, force: true }));
  if (config === undefined) return state;
  mkdirSync(state, { recursive: true });
  const path = join(state, "node.json");
  writeFileSync(path, JSON.stringify({ name: "lab-7", token: TOKEN, ...config }));
  chmodSync(path, mode);
  return state;
}

export interface NodeProcess {
  readonly child: ChildProcess;
  readonly exit: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  out(): string;
  err(): string;
}

export interface Launch {
  readonly state: string;
  readonly stdin?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** In place of the single file, with its arguments. */
  readonly command?: readonly string[];
  /** With the channel by which it learns that we are gone. */
  readonly channel?: true;
}

/** Starts `yard-node` from elsewhere, in an environment that has nothing of ours; killed when the test is over. */
export async function startNode(args: readonly string[], launch: Launch): Promise<NodeProcess> {
  const { state, stdin, env = {} } = launch;
  const [file = "", ...rest] = launch.command ?? [
    process.execPath,
    await program(),
    ...args,
    "--state",
    state,
  ];
  const child = spawn(file, rest, {
    cwd: tmpdir(),
    env: { PATH: process.env["PATH"], HOME: state, ...env },
    stdio: ["pipe", "pipe", "pipe", ...(launch.channel === true ? ["ipc" as const] : [])],
  });
  child.stdin?.end(stdin ?? "");
  let [out, err] = ["", ""];
  child.stdout?.on("data", (text) => {
    out += text;
  });
  child.stderr?.on("data", (text) => {
    err += text;
  });
  const exit = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((done) => {
    // Node tells no "close" of a child whose channel was closed from here.
    child.once(launch.channel === true ? "exit" : "close", (code, signal) =>
      done({ code, signal }),
    );
  });
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await exit;
  });
  return { child, exit, out: () => out, err: () => err };
}

/** Runs a command to its end. */
export async function callNode(args: readonly string[], launch: Launch) {
  const { exit, out, err } = await startNode(args, launch);
  const { code } = await exit;
  return { code, out: out(), err: err() };
}
