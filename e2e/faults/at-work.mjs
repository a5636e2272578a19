import { readLedger } from "../crash/ledger.mjs";
import { until } from "../crash/waiting.mjs";

/** Resolves with the milliseconds until the next attempt has done its work. */
export async function workGoesOn({ ledgerPath }) {
  const since = performance.now();
  const before = readLedger(ledgerPath).length;
  await until("work goes on", () =>
    readLedger(ledgerPath)
      .slice(before)
      .some(({ kind }) => kind === "E"),
  );
  return Math.round(performance.now() - since);
}
