import { execFile } from "node:child_process";
import { resolve } from "node:path";
import { expect, test } from "vitest";

const CHECKOUT = resolve(import.meta.dirname, "..");

interface Ending {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function demo(): Promise<Ending> {
  return new Promise((done) => {
    execFile(process.execPath, ["scripts/demo.mjs"], { cwd: CHECKOUT }, (error, stdout, stderr) =>
      done({ code: error === null ? 0 : Number(error.code ?? 1), stdout, stderr }),
    );
  });
}

test("the demonstration shows the whole way of an event, outlives a killed worker, and says what it checked", async () => {
  const { code, stdout, stderr } = await demo();
  expect(code, stdout + stderr).toBe(0);
  expect(stdout).toContain("examples.on-urgent  not matched");
  expect(stdout).toMatch(/→ 401 in/);
  expect(stdout).toMatch(/✗ parts#\d +lost/);
  expect(stdout.trimEnd().split("\n").at(-1)).toMatch(
    /^✓ \d\d checks passed.*: signed webhooks became events.*after kill -9, \d lost attempts? ran again within \d/,
  );
}, 60_000);
