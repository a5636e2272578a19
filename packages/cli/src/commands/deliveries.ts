import type { DeliveryDetail, ListDeliveries } from "@yardmaster/protocol";
import type { Command } from "commander";
import { act, type Define, defaultList, type Host } from "../command.ts";
import type { Output } from "../output/output.ts";
import { printable } from "../output/printable.ts";
import { relativeTime } from "../output/time.ts";
import { timesOf, withTimes } from "./event-filter.ts";
import { type LimitOption, positiveInteger, withLimit } from "./limit-option.ts";
import { noteUnknown, sourcesOf } from "./unknown-name.ts";

interface ListOptions extends LimitOption, Pick<ListDeliveries, "source" | "since" | "until"> {
  readonly problems?: true;
}

export const define: Define = (command, host) => {
  defineList(command, host);
  defineShow(command, host);
};

function defineList(command: Command, host: Host): void {
  const list = withTimes(withLimit(defaultList(command, "list what sources sent, newest first")))
    .option("--source <source>", "only those of this source")
    .option("--problems", "only those from which no event could be made, and why");
  act<ListOptions>(list, host, async ({ connect, out, io, options }) => {
    const { limit, source } = options;
    const problem = options.problems === true ? "true" : undefined;
    const times = timesOf(options, io.now());
    const client = await connect();
    const count = await out.list(client.deliveries.list({ limit, source, problem, ...times }), {
      headings: ["DELIVERY", "SOURCE", "RECEIVED", "BYTES", "EVENT", "PROBLEM"],
      row: (delivery) => [
        delivery.id,
        printable(delivery.source),
        relativeTime(delivery.received_at, io.now()),
        String(delivery.body_bytes),
        delivery.event_id ?? (delivery.duplicate_of === null ? "" : "(duplicate)"),
        printable(delivery.problem ?? ""),
      ],
      empty: "No deliveries.",
    });
    if (count === 0)
      await noteUnknown(io, [{ what: "source", given: source, names: () => sourcesOf(client) }]);
  });
}

interface ShowOptions {
  readonly bodyLimit?: number;
}

function defineShow(command: Command, host: Host): void {
  const show = command
    .command("show")
    .description("show a delivery as it arrived, with its headers and its body")
    .argument("<delivery>")
    .option("--body-limit <bytes>", "at most so much of the body (64 KiB)", positiveInteger);
  act<ShowOptions>(show, host, async ({ args, connect, out, io, options }) => {
    const client = await connect();
    const { bodyLimit: body_limit } = options;
    const how = body_limit === undefined ? {} : { body_limit };
    const delivery = await client.deliveries.get(args[0] as string, how);
    out.value(delivery, () => out.lines(...shownLines(delivery, out, io.now())));
  });
}

function shownLines(delivery: DeliveryDetail, { paint }: Output, nowMs: number): string[] {
  const { id, source, channel, received_at, verified_by, sender_id } = delivery;
  const { duplicate_of, duplicates, problem, event } = delivery;
  return [
    `${paint.strong(printable(source))}  ${paint.faint(id)}`,
    `channel     ${printable(channel)}, verified by ${printable(verified_by)}`,
    `received    ${received_at} (${relativeTime(received_at, nowMs)})`,
    ...(sender_id === null ? [] : [`sender's id ${printable(sender_id)}`]),
    ...(event === null ? [] : [`event       ${event}`]),
    ...(duplicate_of === null ? [] : [`repeats     ${duplicate_of}`]),
    ...(duplicates.length === 0 ? [] : [`repeated by ${duplicates.join(", ")}`]),
    ...(problem === null ? [] : [paint.bad(`problem     ${printable(problem)}`)]),
    ...Object.entries(delivery.headers).map(([name, value]) =>
      paint.faint(`${printable(name)}: ${printable([value].flat().join(", "))}`),
    ),
    ...bodyLines(delivery),
  ];
}

function bodyLines({ body, body_bytes: bytes }: DeliveryDetail): string[] {
  if (body === null) return ["Its body was the data of an event that is gone."];
  const { value, encoding, cut } = body;
  const what = encoding === "base64" ? [`${bytes} bytes that are no text, in base64:`] : [];
  const rest = cut ? [`(cut: it has ${bytes} bytes; --body-limit takes up to 1048576)`] : [];
  return [...what, ...value.split("\n").map(printable), ...rest];
}
