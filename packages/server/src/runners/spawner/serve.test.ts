import { spawn } from "node:child_process";
import { once } from "node:events";
import type { Socket } from "node:net";
import { fileURLToPath } from "node:url";
import { expect, test, vi } from "vitest";
import { isRunning } from "../attempt.fixture.ts";
import { FRAME, frameOf, frameReader } from "./frames.ts";

const RUN_TYPESCRIPT = fileURLToPath(new URL("../../../test/run-typescript.mjs", import.meta.url));
const MAIN = fileURLToPath(new URL("./main.ts", import.meta.url));

test.skipIf(process.platform === "win32")(
  "a spawner outlives TERM and Ctrl-C; when its server is gone, it kills what it started and ends",
  async () => {
    const spawner = spawn(process.execPath, [RUN_TYPESCRIPT, MAIN], {
      stdio: ["ignore", "ignore", "inherit", "pipe"],
    });
    const socket = spawner.stdio[3] as Socket;
    let pid = 0;
    socket.on(
      "data",
      frameReader((kind, _id, body) => {
        if (kind === FRAME.started) pid = Number(body.toString());
        if (kind === FRAME.ready) {
          spawner.kill("SIGTERM");
          spawner.kill("SIGINT");
          const start = { file: "sleep", args: ["30"], cwd: "/", env: process.env, stdin: "" };
          for (const bytes of frameOf(FRAME.start, 1, JSON.stringify(start))) socket.write(bytes);
        }
      }),
    );
    await vi.waitFor(() => expect(pid).toBeGreaterThan(1));
    expect(isRunning(pid)).toBe(true);
    const ended = once(spawner, "exit");
    socket.destroy(); // As the kernel does for a server that was killed.
    expect(await ended).toEqual([0, null]);
    await vi.waitFor(() => expect(isRunning(pid)).toBe(false));
  },
);
