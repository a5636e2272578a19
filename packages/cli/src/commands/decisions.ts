import type { DecisionStatus } from "@yardmaster/protocol";
import { Option } from "commander";
import { act, type Define, defaultList } from "../command.ts";
import { decisionShape } from "../output/decision-shape.ts";
import { findEventId } from "../short-id/find-id.ts";
import { type FilterOptions, filterOf, withEventFilter } from "./event-filter.ts";
import { type LimitOption, withLimit } from "./limit-option.ts";
import { noteUnknown, rulesOf } from "./unknown-name.ts";

interface DecisionOptions extends LimitOption, FilterOptions {
  readonly event?: string;
  readonly rule?: string;
  readonly status?: DecisionStatus;
}

const STATUSES = [
  "matched",
  "not_matched",
  "held",
  "error",
] as const satisfies readonly DecisionStatus[];

export const define: Define = (command, host) => {
  const list = withLimit(
    withEventFilter(defaultList(command, "list decisions, newest event first")),
  )
    .option("--event <id>", "only about this event")
    .option("--rule <rule>", "only by this rule")
    .addOption(new Option("--status <status>", "only those").choices(STATUSES));
  act<DecisionOptions>(list, host, async ({ connect, out, io, options }) => {
    const { limit, event, rule, status } = options;
    const client = await connect();
    const filter = {
      ...filterOf(options, io.now()),
      limit,
      ...(event && { event: await findEventId(client, event, io.now()) }),
      rule,
      status,
    };
    const shape = decisionShape(out.paint, io.now(), { withEvent: true });
    if ((await out.list(client.decisions.list(filter), shape)) === 0)
      await noteUnknown(io, [{ what: "rule", given: rule, names: () => rulesOf(client) }]);
  });
};
