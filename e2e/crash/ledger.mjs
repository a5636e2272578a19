import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** Of the times in the ledger. */
export const CLOCK_STEP_MS = 10;

/** When the clock of /proc/uptime began, in Unix milliseconds: it is what a shell can read without another program. */
const BOOTED_AT = Date.now() - Number(readFileSync("/proc/uptime", "utf8").split(" ")[0]) * 1_000;

/**
 * The ledger in the order in which it was written: `kind` S, E, F or "!" (see pack/code/work.sh), with the attempt
 * that wrote it, and `ms` (Unix, in steps of `CLOCK_STEP_MS`). `rest` is an E's nonce, or what was wrong.
 */
export function readLedger(path) {
  return readFileSync(path, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line, at) => {
      const [kind, run, slot, number, pid, uptime, lane, key, seen, ...rest] = line.split(" ");
      return {
        at,
        kind,
        run,
        slot,
        number: Number(number),
        attempt: `${run} ${slot}/${number}`,
        pid: Number(pid),
        ms: Math.round(BOOTED_AT + Number(uptime) * 1_000),
        lane: lane.slice("lane=".length),
        key: key.slice("key=".length),
        seen: seen.slice("seen=".length),
        rest: rest.join(" "),
      };
    });
}

/** The checksum of the bytes that an attempt (`RUN SLOT/NUMBER`) left to be handed back, noted beside the ledger. */
export function readSums(ledgerPath) {
  const lines = readFileSync(join(dirname(ledgerPath), "files"), "utf8").split("\n");
  return new Map(
    lines
      .filter((line) => line !== "")
      .map((line) => {
        const [run, attempt, sum] = line.split(" ");
        return [`${run} ${attempt}`, sum];
      }),
  );
}

export function groupBy(list, keyOf) {
  const groups = new Map();
  for (const one of list) {
    const key = keyOf(one);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [one]);
    else group.push(one);
  }
  return groups;
}
