// Everything that the bench starts or creates goes through here, so that all of it goes away.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startTicksOf } from "./processes.mjs";

const JANITOR = fileURLToPath(new URL("janitor.mjs", import.meta.url));

/**
 * `folder()` makes a temporary folder that other users may enter, `start()` a child process whose
 * output is kept for error messages, `close()` ends what is left and removes the folders.
 */
export function createHouse() {
  const janitor = spawn(process.execPath, [JANITOR], {
    stdio: ["pipe", "ignore", "inherit"],
    detached: true,
  });
  const tell = (message) => janitor.stdin.write(`${JSON.stringify(message)}\n`);

  function folder(name) {
    const path = mkdtempSync(join(tmpdir(), `yard-bench-${name}-`));
    chmodSync(path, 0o711);
    tell({ folder: path });
    return path;
  }

  /** `stopSignal` is the one that ends the program in order. */
  function start(command, args, { stopSignal = "SIGTERM", ...options } = {}) {
    const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"], ...options });
    const startTicks = startTicksOf(child.pid);
    tell({ pid: child.pid, startTicks, signal: stopSignal });
    const ended = once(child, "exit");
    const output = keepTail(child);
    async function stop(signal = stopSignal) {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal);
      await ended;
    }
    return { child, pid: child.pid, startTicks, output, ended, stop };
  }

  async function close() {
    janitor.stdin.end();
    if (janitor.exitCode === null) await once(janitor, "exit");
  }

  return { folder, start, close };
}

const TAIL_CHARACTERS = 20_000;

function keepTail(child) {
  let text = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (chunk) => {
      text = (text + chunk).slice(-TAIL_CHARACTERS);
    });
  }
  return () => text;
}
