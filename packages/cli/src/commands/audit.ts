import type { AuditRecord, AuditVerification } from "@yardmaster/protocol";
import { AppError, ERRORS } from "@yardmaster/protocol/core";
import { act, type Define, defaultList } from "../command.ts";
import type { Output } from "../output/output.ts";
import type { Paint } from "../output/paint.ts";
import { printable } from "../output/printable.ts";
import { statusWord } from "../output/status.ts";
import { relativeTime, shortDuration } from "../output/time.ts";
import { timesOf, withTimes } from "./event-filter.ts";
import { type LimitOption, withLimit } from "./limit-option.ts";
import { nodesOf, noteUnknown } from "./unknown-name.ts";

interface ListOptions extends LimitOption {
  readonly node?: string;
  readonly actor?: string;
  readonly action?: string;
  readonly status?: string;
  readonly request?: string;
  readonly open?: true;
  readonly since?: string;
  readonly until?: string;
}

/** Outcomes of what is done on nodes: beside these words, the codes of errors. */
const STATUSES = ["ok", "error", "timeout", "canceled", "late", "lost", ...Object.keys(ERRORS)];

/** A chain that is not whole is a failure of what the audit is for. */
const BROKEN_EXIT = 1;

export const define: Define = (command, host) => {
  const list = withLimit(
    defaultList(
      command,
      "list who did what on which node, and to which secret or task, newest first",
    ),
  )
    .option("--node <name>", "only on this node, secret or task")
    .option("--actor <actor>", "only by this one: token:ci, run:<id>, node:<name>")
    .option("--action <action>", "only this: node.exec, node.revoke, …")
    .option("--status <status>", "only with this outcome: ok, error, timeout, canceled, late, …")
    .option("--request <id>", "only both halves of this call")
    .option("--open", "only what was begun and has no end");
  withTimes(list, "done");
  act<ListOptions>(list, host, async ({ connect, out, io, options }) => {
    const { json: _, since, until, open, ...filter } = options;
    const client = await connect();
    const entries = client.audit.list({
      ...filter,
      ...timesOf({ since, until }, io.now()),
      ...(open && { open: "true" as const }),
    });
    const count = await out.list(entries, {
      headings: ["WHEN", "ON", "ACTION", "STATUS", "TOOK", "EXIT", "ACTOR", "REQUEST", "WHAT"],
      row: (entry) => rowOf(entry, io.now(), out.paint),
      keepsIds: true,
      empty: "Nothing was done that this asks for.",
    });
    if (count > 0) return;
    await noteUnknown(io, [
      { what: "node", given: filter.node, names: () => nodesOf(client) },
      { what: "status", given: filter.status, names: () => STATUSES },
    ]);
  });

  const verify = command
    .command("verify")
    .description("walk the audit's chain, and name the first entry that is not as it was kept")
    .addHelpText(
      "after",
      "\nIt exits with 1 when the chain is broken. Note the last hash elsewhere: whoever can change the database and\nthe file beside it can make a whole new chain, but not one that ends in that hash.",
    );
  act(verify, host, async ({ connect, interruptible, out, io }) => {
    const client = await connect();
    const whole = await interruptible(async (signal) => {
      let found: AuditVerification | undefined;
      for await (const part of client.audit.verify({ signal })) {
        found = joined(found, part);
        if (part.next !== null && io.stderr.isTTY === true)
          io.stderr.write(`\r${found.entries} entries are whole`);
      }
      return found;
    });
    if (whole === undefined) throw new AppError("internal", "The server verified nothing (v4f2).");
    out.value(whole, () => showVerification(whole, out));
    return whole.ok ? 0 : BROKEN_EXIT;
  });
};

function rowOf(entry: AuditRecord, nowMs: number, paint: Paint): string[] {
  const { ts, node, action, phase, status, duration_ms, exit_code, actor, request_id } = entry;
  return [
    relativeTime(ts, nowMs),
    printable(node),
    printable(action),
    status === null ? paint.faint(phase) : statusWord(printable(status), paint),
    duration_ms === null ? "" : shortDuration(duration_ms),
    exit_code === null ? "" : String(exit_code),
    printable(actor),
    request_id ?? "",
    whatOf(entry),
  ];
}

/** What a reader looks for first among the details. */
function whatOf({ details }: AuditRecord): string {
  for (const name of ["command", "path", "reason"]) {
    const value = details[name];
    if (typeof value === "string") return printable(value);
  }
  // Of the server's process, which is for servers.
  const { process: _, ...rest } = details;
  const told = Object.entries(rest).map(
    ([name, value]) => `${name}=${typeof value === "object" ? JSON.stringify(value) : value}`,
  );
  return printable(told.join(" "));
}

function joined(before: AuditVerification | undefined, part: AuditVerification): AuditVerification {
  if (before === undefined) return part;
  return {
    ...part,
    entries: before.entries + part.entries,
    first: before.first ?? part.first,
    last: part.last ?? before.last,
  };
}

function showVerification(found: AuditVerification, { lines, paint }: Output): void {
  const { entries, first, last, broken } = found;
  const range = first === null || last === null ? "" : `, ${first.seq} to ${last.seq}`;
  if (broken === null) {
    lines(
      `${paint.good("✓")} ${entries} entries${range}: nothing was changed, taken out or put in`,
      ...(last === null ? [] : [paint.faint(`  ends at ${last.ts} in ${last.hash}`)]),
    );
    return;
  }
  lines(
    `${paint.bad("✗")} broken at entry ${broken.seq}: ${printable(broken.why)}`,
    `  ${printable(broken.detail)}`,
    paint.faint(`  ${entries} entries${range} before it are whole`),
  );
}
