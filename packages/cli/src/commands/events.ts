import { randomUUID } from "node:crypto";
import type { AcceptedEvent, EventOutcome, PostEvent } from "@yardmaster/protocol";
import { type Command, Option } from "commander";
import { act, type Define, defaultList, type Host } from "../command.ts";
import { decisionShape } from "../output/decision-shape.ts";
import type { Output } from "../output/output.ts";
import { printable } from "../output/printable.ts";
import { jsonLines } from "../output/run-lines.ts";
import { relativeTime } from "../output/time.ts";
import { givenOnce, readJsonOption } from "../run-input.ts";
import { findEventId } from "../short-id/find-id.ts";
import { type FilterOptions, filterOf, OUTCOMES, withEventFilter } from "./event-filter.ts";
import { type LimitOption, withLimit } from "./limit-option.ts";
import { defineReplay } from "./replay.ts";
import { noteUnknown, rulesOf } from "./unknown-name.ts";

export const define: Define = (command, host) => {
  defineList(command, host);
  defineShow(command, host);
  defineSend(command, host);
  defineReplay(command, host);
};

interface ListOptions extends LimitOption, FilterOptions {
  readonly rule?: string;
  readonly outcome?: EventOutcome;
}

function defineList(command: Command, host: Host): void {
  const list = withLimit(withEventFilter(defaultList(command, "list events, newest first")))
    .option("--rule <rule>", "only those that this rule judged")
    .addOption(
      new Option(
        "--outcome <outcome>",
        "only those with such a decision; unheard: with none",
      ).choices(OUTCOMES),
    );
  act<ListOptions>(list, host, async ({ connect, out, io, options }) => {
    const { limit, rule, outcome } = options;
    const filter = { ...filterOf(options, io.now()), limit, rule, outcome };
    const client = await connect();
    const count = await out.list(client.events.list(filter), {
      headings: ["EVENT", "TYPE", "SOURCE", "RECEIVED", "SUBJECT"],
      row: (event) => [
        event.id,
        printable(event.type),
        printable(event.source),
        relativeTime(event.received_at, io.now()),
        printable(event.subject ?? ""),
      ],
      empty: "No events.",
    });
    if (count === 0)
      await noteUnknown(io, [{ what: "rule", given: rule, names: () => rulesOf(client) }]);
  });
}

function defineShow(command: Command, host: Host): void {
  const show = command
    .command("show")
    .description("show an event with its data")
    .argument("<event>");
  act(show, host, async ({ args, connect, out, io }) => {
    const client = await connect();
    const id = await findEventId(client, args[0] as string, io.now());
    const event = await client.events.get(id);
    out.value(event, () => {
      out.lines(`${out.paint.strong(printable(event.type))}  ${out.paint.faint(event.id)}`);
      out.lines(
        `source    ${printable(event.source)}`,
        `received  ${event.received_at} (${relativeTime(event.received_at, io.now())})`,
      );
      if (event.subject !== null) out.lines(`subject   ${printable(event.subject)}`);
      if (event.delivery_id !== null) out.lines(`delivery  ${event.delivery_id}`);
      out.lines(
        ...jsonLines(event.data),
        out.paint.faint(`What came of it: yard explain ${event.id}`),
      );
    });
  });
}

interface SendOptions {
  readonly type: string;
  readonly data?: string;
  readonly source?: string;
  readonly subject?: string;
  readonly id?: string;
}

function defineSend(command: Command, host: Host): void {
  const send = command
    .command("send")
    .description("send an event (CloudEvents 1.0)")
    .requiredOption("--type <type>", "its type: shop.order")
    .option("--data <json>", "its data as JSON, @file, or @- for stdin", givenOnce)
    .option("--source <source>", "where it comes from")
    .option("--subject <subject>", "what it is about")
    .option("--id <id>", "its id at its source; the same again is a duplicate");
  act<SendOptions>(send, host, async ({ options, connect, out, io }) => {
    const { type, source, subject, id } = options;
    const data =
      options.data === undefined ? undefined : await readJsonOption("--data", options.data, io);
    const event: PostEvent = { specversion: "1.0", type, source, subject, id, data };
    const accepted = await (await connect()).events.send(event, { idempotencyKey: randomUUID() });
    out.value(accepted, () => showAccepted(accepted, out, io.now()));
  });
}

function showAccepted(accepted: AcceptedEvent, out: Output, nowMs: number): void {
  out.lines(accepted.id);
  if (accepted.duplicate_of !== null)
    return out.lines(`A duplicate of ${accepted.duplicate_of}: it is not judged again.`);
  if (accepted.decisions.length === 0)
    return out.lines(`No rule listens to ${printable(accepted.type)}.`);
  const shape = decisionShape(out.paint, nowMs, { withEvent: false });
  out.table(shape.headings, accepted.decisions.map(shape.row));
}
