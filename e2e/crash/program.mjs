import { spawn } from "node:child_process";
import { join } from "node:path";
import { ROOT } from "../../scripts/setup.mjs";
import { CRASH_SERVER } from "../../scripts/setup-state.mjs";

const ENTRY = join(ROOT, CRASH_SERVER.program);

/**
 * Starts a server or worker. `fuse` ("POINT:NTH:SIGNAL") lets it send itself a signal at a named point of the
 * engine; `entry` is another program that takes the flags (the product's own main). `ready` resolves with true when
 * it stands, with false when it ended before.
 */
export function startProgram(name, { cwd, flags, settings, fuse, entry }) {
  const own = fuse === undefined ? [] : [fuse];
  const line = entry === undefined ? [ENTRY, ...own, "--", ...flags] : [entry, ...flags];
  const child = spawn(process.execPath, line, {
    cwd,
    env: { ...cleanEnvironment(), ...settings },
    stdio: entry === undefined ? ["ignore", "pipe", "pipe", "ipc"] : ["ignore", "pipe", "pipe"],
  });
  const startedAt = performance.now();
  const logs = [];
  let stdout = "";
  let readyMs;
  const ended = new Promise((resolve) =>
    child.once("close", (code, by) => resolve({ code, signal: by, at: performance.now() })),
  );
  const ready = new Promise((resolve) => {
    child.stdout.setEncoding("utf8").on("data", (text) => {
      stdout += text;
      if (readyMs !== undefined || !/^ready|listens on|joined/m.test(stdout)) return;
      readyMs = performance.now() - startedAt;
      resolve(true);
    });
    void ended.then(() => resolve(false));
  });
  collectLines(child.stderr, (line) => logs.push(line));
  let state = "running";
  void ended.then(() => {
    state = "ended";
  });

  return {
    name,
    pid: child.pid,
    ready,
    ended,
    logs,
    fuse,
    readyMs: () => readyMs,
    isRunning: () => state === "running",
    /** Gives it a fuse while it runs. */
    light: (later) => child.connected && child.send(later),
    /** Whether it sent itself the signal of its fuse. */
    reachedPoint: () => /^at /m.test(stdout),
    /** False when it had ended already. */
    kill: (by) => state === "running" && child.kill(by),
  };
}

function cleanEnvironment() {
  return Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !name.startsWith("YARD_") && name !== "DATABASE_URL" && name !== "NODE_OPTIONS",
    ),
  );
}

function collectLines(stream, take) {
  let rest = "";
  stream.setEncoding("utf8").on("data", (text) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop();
    for (const line of lines) if (line !== "") take(line);
  });
  stream.on("end", () => rest !== "" && take(rest));
}
