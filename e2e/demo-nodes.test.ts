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
    execFile(
      process.execPath,
      ["scripts/demo-nodes.mjs"],
      { cwd: CHECKOUT },
      (error, stdout, stderr) =>
        done({ code: error === null ? 0 : Number(error.code ?? 1), stdout, stderr }),
    );
  });
}

test("the demonstration of nodes goes through all stages, cuts a link and a machine off, and says what it checked", async () => {
  const { code, stdout, stderr } = await demo();
  expect(code, stdout + stderr).toBe(0);
  const headings = stdout.split("\n").filter((line) => /^\d+\. /.test(line));
  for (const stage of ["Pair", "Connect", "Execute", "Disconnect", "Rate limit", "Revoke", "Audit"])
    expect(headings.join("\n")).toContain(`. ${stage}: `);
  expect(stdout).toMatch(/release\.txt, 17 bytes, .*: made on forge, measured on lab/);
  expect(stdout).toMatch(/exit code 7, in/);
  expect(stdout).toMatch(/edge +reconnecting; the call's stream says: reconnecting/);
  expect(stdout).toMatch(/call +in flight: node_revoked, \d+ ms after/);
  expect(stdout.trimEnd().split("\n").at(-1)).toMatch(
    /^✓ \d\d checks passed.*a link cut for \d.*each run exactly once.*audited in a whole chain\.$/,
  );
}, 120_000);
