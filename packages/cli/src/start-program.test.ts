import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { startProgram } from "./start-program.ts";

it("says that the program was killed, which cannot say so itself, and not that it stopped as it was asked to", async () => {
  const folder = mkdtempSync(join(tmpdir(), "yard-program-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const entry = join(folder, "program.mjs");
  writeFileSync(entry, "process.kill(process.pid, process.argv[2]); setTimeout(() => {}, 1e6);");
  const end = async (signal: string) => {
    let said = "";
    const stderr = { write: (text: string | Uint8Array) => (said += text) };
    const io = { env: process.env, cwd: folder, stderr };
    const code = await startProgram(entry, { args: [signal], io, what: "the server" });
    return [code, said];
  };
  const [[killed, said], stopped] = await Promise.all([end("SIGKILL"), end("SIGTERM")]);
  expect(killed).toBe(137);
  expect(said).toMatch(/^yard: the server was ended by SIGKILL; .*memory.*\n$/);
  expect(stopped).toEqual([143, ""]);
});
