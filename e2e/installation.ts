import { type ChildProcess, spawn } from "node:child_process";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Readable, Writable } from "node:stream";

const CHECKOUT = resolve(import.meta.dirname, "..");
const YARD = join(CHECKOUT, "packages/cli/bin/yard.js");

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** One call of the built `yard`. */
export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Resolves when stdout so far holds the text; rejects when the process has ended without it. */
  says(text: string): Promise<string>;
}

export interface Fed extends Running {
  readonly stdin: Writable;
}

/** A folder of its own with the example packs, and the built `yard` in it. */
export interface Installation {
  readonly folder: string;
  /** Without settings from outside but those given. */
  yard(...argv: string[]): Running;
  yardWith(more: Readonly<Record<string, string>>, ...argv: string[]): Running;
  /** A line of shell in which `yard` is the built one. */
  shell(line: string): Running;
  /** With a stdin that the test writes. */
  yardFed(...argv: string[]): Fed;
  /** Starts the server; resolves when it listens. */
  start(...argv: string[]): Promise<Running>;
  /** Stops the server in order and removes everything; resolves with the server's exit code. */
  remove(server: Running): Promise<number | null>;
}

export function createInstallation(name: string): Installation {
  const folder = mkdtempSync(join(tmpdir(), `yard-${name}-`));
  cpSync(join(CHECKOUT, "packs"), join(folder, "packs"), { recursive: true });
  const yard = (...argv: string[]): Running => yardWith({}, ...argv);
  const placeOf = (more: Readonly<Record<string, string>>) => {
    const env = Object.fromEntries(
      Object.entries(process.env).filter(
        ([key]) => !key.startsWith("YARD_") && key !== "DATABASE_URL",
      ),
    );
    return { cwd: folder, env: { ...env, ...more } };
  };

  function yardWith(more: Readonly<Record<string, string>>, ...argv: string[]): Running {
    const child = spawn(process.execPath, [YARD, ...argv], {
      ...placeOf(more),
      stdio: ["ignore", "pipe", "pipe"],
    });
    return heard(child, argv);
  }

  function yardFed(...argv: string[]): Fed {
    const child = spawn(process.execPath, [YARD, ...argv], { ...placeOf({}), stdio: "pipe" });
    return { ...heard(child, argv), stdin: child.stdin };
  }

  function shell(line: string): Running {
    const script = `yard() { "${process.execPath}" "${YARD}" "$@"; }\n${line}`;
    const child = spawn("/bin/sh", ["-c", script], {
      ...placeOf({}),
      stdio: ["ignore", "pipe", "pipe"],
    });
    return heard(child, [line]);
  }

  return {
    folder,
    yard,
    yardWith,
    shell,
    yardFed,
    async start(...argv) {
      const server = yard("start", "--port", "0", ...argv);
      await server.says("listens on");
      return server;
    },
    async remove(server) {
      const status = await yard("status", "--json").ended;
      const { database } = JSON.parse(status.stdout) as { database: { place: string } };
      server.child.kill("SIGTERM");
      const { code } = await server.ended;
      // As root the cluster lies outside the data folder.
      for (const path of [database.place, folder]) rmSync(path, { recursive: true, force: true });
      return code;
    },
  };
}

type Speaking = ChildProcess & { readonly stdout: Readable; readonly stderr: Readable };

function heard(child: Speaking, argv: readonly string[]): Running {
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text) => (stderr += text));
  const ended = new Promise<Ended>((done) => {
    child.once("close", (code) => done({ code, stdout, stderr }));
  });
  const says = (text: string) =>
    new Promise<string>((done, fail) => {
      const look = () => stdout.includes(text) && done(stdout);
      child.stdout.on("data", look);
      look();
      void ended.then(() =>
        fail(new Error(`yard ${argv.join(" ")} ended without "${text}": ${stdout}${stderr}`)),
      );
    });
  return { child, ended, says };
}
