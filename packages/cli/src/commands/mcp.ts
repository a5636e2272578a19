import { setTimeout as delay } from "node:timers/promises";
import { traceOfEnvironment } from "@yardmaster/sdk";
import { act, type Define } from "../command.ts";
import { findServer } from "../find-server.ts";
import type { Io } from "../io.ts";
import { createBridge } from "../mcp/bridge.ts";
import { createServerSide } from "../mcp/server-side.ts";
import { inShellWords } from "../refused-token.ts";

export const define: Define = (command, host) => {
  command.description(
    "speak MCP on stdin and stdout, for clients that start a program: what they ask is asked of the server's /mcp, with the token of this shell",
  );
  act(command, host, async ({ io, interruptible }) => {
    await interruptible((signal) => serve(io, signal));
  });
};

/** Resolves when stdin has ended and all that was asked is answered. */
async function serve(io: Io, signal: AbortSignal): Promise<void> {
  const say = (text: string): void => void io.stderr.write(`yard mcp: ${text}\n`);
  const pause = async (ms: number, until: AbortSignal): Promise<void> => {
    await delay(ms, undefined, { signal: until });
  };
  const bridge = createBridge({
    server: createServerSide({
      find: () => findServer(io),
      trace: traceOfEnvironment(io.env),
      pause,
      nowMs: () => performance.now(),
      say,
    }),
    write: (line) => void io.stdout.write(`${line}\n`),
    inWords: (error) => inShellWords(error, io),
    ...{ say, pause, signal },
  });
  const decoder = new TextDecoder();
  await new Promise<void>((resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
    io.stdin.read({
      onBytes: (bytes) => bridge.take(decoder.decode(bytes, { stream: true })),
      onEnd: resolve,
    });
  });
  await bridge.end();
}
