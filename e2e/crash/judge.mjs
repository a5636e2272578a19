import { CHECKS } from "./checks.mjs";
import { readEnd } from "./final.mjs";
import { readLedger, readSums } from "./ledger.mjs";
import { errorLines } from "./logs.mjs";

/** Waits for the end of all runs, stops the crew, and holds what is left against the ledger and what was acknowledged. */
export async function judge({ crew, installation, client, load }) {
  const database = await installation.database();
  const end = await readEnd(client, database, load).finally(() => database.close());
  const unclean = await crew.stop();
  const ledger = readLedger(installation.ledgerPath);
  const sums = readSums(installation.ledgerPath);
  const checks = Object.entries(CHECKS).map(([name, check]) => ({
    name,
    violations: check({ load, end, ledger, sums }),
  }));
  const left = [...installation.leftWork(), installation.leftPostgres()].filter((one) => one);
  checks.push(
    { name: "processes stop in order", violations: [...crew.problems, ...unclean] },
    {
      name: "nothing is left running",
      violations: left.map(({ pid, command }) => `${pid} ${command}`),
    },
    { name: "no error was logged", violations: errorLines(installation.programs) },
  );
  const files = [...end.runs.values()].flatMap((run) => run.files).length;
  const executions = ledger.filter(({ kind }) => kind === "S").length;
  const lost = executions - ledger.filter(({ kind }) => kind === "E" || kind === "F").length;
  return { checks, runs: end.runs.size, executions, lost, files, webhooks: load.webhooks.length };
}
