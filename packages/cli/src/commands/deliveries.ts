import type { ListDeliveries } from "@yardmaster/protocol";
import { act, type Define, defaultList } from "../command.ts";
import { printable } from "../output/printable.ts";
import { relativeTime } from "../output/time.ts";
import { timesOf, withTimes } from "./event-filter.ts";
import { type LimitOption, withLimit } from "./limit-option.ts";
import { noteUnknown, sourcesOf } from "./unknown-name.ts";

interface ListOptions extends LimitOption, Pick<ListDeliveries, "source" | "since" | "until"> {
  readonly problems?: true;
}

export const define: Define = (command, host) => {
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
};
