import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import {
  AppError,
  type CarryLine,
  type CarryOutcome,
  type CarryRequest,
  type ErrorCode,
} from "@yardmaster/protocol/core";
import { serverEnvironment } from "../find-server.ts";
import type { Io } from "../io.ts";
import { PROGRAMS, requireBuilt } from "../programs.ts";

/**
 * Asks the server's own program, which knows the settings and the tables, in the folder and with the environment that a
 * server would be started in. An address goes by stdin: it may hold a password.
 * @throws AppError as the program says
 */
export async function carry(
  io: Pick<Io, "env" | "cwd">,
  request: CarryRequest,
  { onTable, signal }: { onTable(table: string, rows: number): void; signal: AbortSignal },
): Promise<CarryOutcome> {
  requireBuilt(PROGRAMS.carry);
  const env = await serverEnvironment(io);
  const child = spawn(process.execPath, [PROGRAMS.carry.launcher], {
    stdio: ["pipe", "pipe", "inherit"],
    cwd: io.cwd,
    env,
  });
  signal.addEventListener("abort", () => child.kill("SIGTERM"));
  const ended = new Promise<number | null>((done, fail) => {
    child.once("error", fail).once("close", done);
  });
  child.stdin.on("error", () => {}).end(JSON.stringify(request));
  let answer: CarryOutcome | undefined;
  for await (const text of createInterface({ input: child.stdout })) {
    const line = JSON.parse(text) as CarryLine;
    if ("error" in line) throw new AppError(line.error.code as ErrorCode, line.error.message);
    if ("table" in line) onTable(line.table, line.rows);
    else answer = line;
  }
  const code = await ended;
  if (answer !== undefined) return answer;
  throw new AppError("internal", `The program that carries databases ended with ${code}`);
}
