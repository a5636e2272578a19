import type { Check, Readiness } from "@yardmaster/protocol";
import type { Pool } from "pg";
import { bad, ok, warn } from "../check.ts";
import {
  type HorizonHolder,
  type PostgresFacts,
  readHorizonHolders,
  readPostgresFacts,
} from "../postgres.store.ts";

const OLDEST_VERSION = 140_000;
/** Our own transactions take milliseconds. */
const LONG_TRANSACTION_S = 5;
const TOO_LONG_TRANSACTION_S = 60;
const SKEW_MS = 2_000;
const BAD_SKEW_MS = 30_000;

/** All that is asked of PostgreSQL itself. */
export async function postgresChecks(pool: Pool): Promise<Check[]> {
  const askedAtMs = Date.now();
  const facts = await readPostgresFacts(pool);
  const nowMs = (askedAtMs + Date.now()) / 2;
  return [
    versionCheck(facts),
    ...durabilityChecks(facts),
    connectionsCheck(facts),
    clockCheck("postgres.clock", "PostgreSQL", facts.clock_ms - nowMs),
    ...horizonChecks(await readHorizonHolders(pool, LONG_TRANSACTION_S)),
  ];
}

export function versionCheck({ version, version_text, in_recovery }: PostgresFacts): Check {
  const check = "postgres.version";
  if (in_recovery)
    return bad(check, "this PostgreSQL is a standby", "point DATABASE_URL at the primary");
  if (version < OLDEST_VERSION)
    return bad(check, `PostgreSQL ${version_text} is too old`, "upgrade to 14 or later");
  return ok(check, `PostgreSQL ${version_text}`);
}

export function writesCheck({ status, reason }: Readiness): Check {
  const check = "postgres.writes";
  if (status === "ready") return ok(check, "PostgreSQL takes what is written");
  const advice = "see to that; what waits to be written is written by itself then";
  return bad(check, reason ?? "nothing can be written", advice);
}

export function durabilityChecks(facts: PostgresFacts): Check[] {
  const check = "postgres.durability";
  const off = (["fsync", "full_page_writes"] as const).filter((name) => facts[name] !== "on");
  const lost = `a power cut can lose what was acknowledged`;
  const all = off.map((name) =>
    bad(check, `${name} is off: ${lost}`, `set ${name} = on in postgresql.conf and reload`),
  );
  const { synchronous_commit } = facts;
  if (synchronous_commit === "off" || synchronous_commit === "local")
    all.push(
      warn(
        check,
        `synchronous_commit is ${synchronous_commit}, although we ask for on: ${lost}`,
        "let the connection pool between pass startup options on, or set it for our role",
      ),
    );
  return all.length > 0
    ? all
    : [ok(check, "fsync, full_page_writes and synchronous_commit are on")];
}

export function connectionsCheck({ connections, max_connections }: PostgresFacts): Check {
  const summary = `${connections} of ${max_connections} connections are in use`;
  return connections > max_connections * 0.8
    ? warn("postgres.connections", summary, "raise max_connections, or close what is not needed")
    : ok("postgres.connections", summary);
}

/** `aheadMs`: how much the other's clock is ahead of ours. */
export function clockCheck(check: string, whose: string, aheadMs: number): Check {
  const seconds = (Math.abs(aheadMs) / 1_000).toFixed(1);
  const summary = `the clock of ${whose} is ${seconds} s ${aheadMs < 0 ? "behind" : "ahead of"} ours`;
  const advice = "let both machines follow the same time server (NTP)";
  if (Math.abs(aheadMs) >= BAD_SKEW_MS) return bad(check, summary, advice);
  return Math.abs(aheadMs) >= SKEW_MS
    ? warn(check, summary, advice)
    : ok(check, `the clock of ${whose} agrees with ours`);
}

export function horizonChecks(holders: readonly HorizonHolder[]): Check[] {
  const check = "postgres.transactions";
  if (holders.length === 0)
    return [ok(check, `no transaction is older than ${LONG_TRANSACTION_S} s`)];
  return holders.map(({ what, age_s, writes, remedy }) => {
    const age = Math.round(age_s);
    const harm = writes
      ? "the live stream and logs that are followed stand still until it ends"
      : "dead rows cannot be cleared until it ends";
    const advice = `end it where it was begun, or: ${remedy}`;
    const summary = what.startsWith("replication slot")
      ? `${what} holds back ${age} transactions: ${harm}`
      : `${what} has had a transaction open for ${age} s: ${harm}`;
    const isBad = writes && age_s >= TOO_LONG_TRANSACTION_S;
    return isBad ? bad(check, summary, advice) : warn(check, summary, advice);
  });
}
