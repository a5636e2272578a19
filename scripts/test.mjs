import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runChecks } from "./checks.mjs";
import { ensureBuilt, ensureInstalled, ROOT, SetupError } from "./setup.mjs";

// npm test: sets up what a fresh clone lacks, runs the checks and every test, and ends with the counts.
// Arguments go on to vitest; with any, the checks are left out. Tests wait as well as work: the checks have the time
// in between, and are told of when the tests are over.
const args = process.argv.slice(2);

try {
  await ensureInstalled();
  await ensureBuilt();
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  console.error(`yardmaster: ${error.message}`);
  console.log("0 passed, 1 failed");
  process.exit(1);
}

const told = [];
const tell = (line) => told.push(line);
const [failedChecks, tests] = await Promise.all([
  args.length === 0 ? runChecks({ atOnce: 1, background: true, tell }) : [],
  runTests(),
]);
for (const line of told) console.log(line);
for (const name of failedChecks) console.log(`check failed: ${name}`);
for (const file of tests.broken) console.log(`could not be run: ${file}`);
const failed = tests.failed + tests.broken.length + failedChecks.length;
const skipped = tests.skipped === 0 ? "" : `, ${tests.skipped} skipped`;
console.log(`${tests.passed} passed, ${failed} failed${skipped}`);
process.exit(failed === 0 && tests.exitCode === 0 ? 0 : 1);

async function runTests() {
  const folder = mkdtempSync(join(tmpdir(), "yard-test-"));
  const report = join(folder, "report.json");
  const vitest = join(ROOT, "node_modules/vitest/vitest.mjs");
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  const child = spawn(process.execPath, [vitest, "run", ...reporters, ...args], {
    cwd: ROOT,
    stdio: "inherit",
  });
  const exitCode = await new Promise((resolve) => child.once("exit", (code) => resolve(code ?? 1)));
  try {
    const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, testResults } =
      JSON.parse(readFileSync(report, "utf8"));
    const broken = testResults.filter(
      (file) => file.status === "failed" && file.assertionResults.length === 0,
    );
    return {
      exitCode,
      passed: numPassedTests,
      failed: numFailedTests,
      skipped: numPendingTests + numTodoTests,
      broken: broken.map((file) => file.name),
    };
  } catch {
    // Nothing was written: vitest itself could not run.
    return { exitCode: exitCode || 1, passed: 0, failed: 1, skipped: 0, broken: [] };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
