import type { PutWorkOrder, WorkItem, WorkOrder } from "@yardmaster/protocol";
import { AppError, isAppError, type JsonObject, WORK_STATUSES } from "@yardmaster/protocol/core";
import { type Command, Option } from "commander";
import { act, type Define, defaultList, type Host } from "../command.ts";
import { explanationLines } from "../output/explanation.ts";
import { printable } from "../output/printable.ts";
import { statusWord } from "../output/status.ts";
import { relativeTime } from "../output/time.ts";
import { readJsonOption } from "../run-input.ts";
import { meantItem } from "../work/meant-item.ts";
import { issueName, itemStatus, showItem, showOrder } from "../work/show.ts";
import { type LimitOption, withLimit } from "./limit-option.ts";

const ITEM_HELP = "\nITEM is its id, or its issue as OWNER/REPO#161, #161 or 161.";

export const define: Define = (command, host) => {
  defineList(command, host);
  defineShow(command, host);
  defineExplain(command, host);
  defineVerb(command, host, "retry", "try an item again: now, or with all its tries anew");
  defineVerb(command, host, "cancel", "cancel an item, and the run that is at it");
  definePriority(command, host);
  defineOrders(command, host);
  defineSet(command, host);
  defineSwitches(command, host);
  defineUnset(command, host);
};

interface ListOptions extends LimitOption {
  readonly status?: WorkItem["status"];
  readonly ready?: true;
  readonly tracker?: string;
  readonly project?: string;
}

function defineList(command: Command, host: Host): void {
  const list = withLimit(defaultList(command, "list work items, the newest first"))
    .addOption(new Option("--status <status>", "only those").choices(WORK_STATUSES))
    .option("--ready", "only those that may begin")
    .option("--tracker <tracker>", "only those of this tracker")
    .option("--project <project>", "only those of this project, as OWNER/REPO");
  act<ListOptions>(list, host, async ({ options, connect, out, io }) => {
    const { limit, status, ready, tracker, project } = options;
    const filter = { limit, status, tracker, project, ...(ready && { ready: "true" as const }) };
    await out.list((await connect()).work.list(filter), {
      headings: ["ISSUE", "STATUS", "PRIORITY", "TRIES", "CHANGED", "TITLE", "WHY"],
      row: (item) => [
        issueName(item),
        itemStatus(item, out),
        String(item.priority),
        String(item.attempts),
        relativeTime(item.updated_at, io.now()),
        printable(item.title),
        printable(item.reason ?? ""),
      ],
      empty:
        "No work items. An open issue that is assigned to the bot of a tracker is one, once it is said what works on it: yard work set TRACKER --run REF",
    });
  });
}

function ofItem(command: Command, word: string, description: string): Command {
  return command
    .command(word)
    .description(description)
    .argument("<item>")
    .addHelpText("after", ITEM_HELP);
}

function defineShow(command: Command, host: Host): void {
  const show = ofItem(command, "show", "show an item: its issue, what that says, and its tries");
  act(show, host, async ({ args, connect, out, io }) => {
    const client = await connect();
    const item = await client.work.get(await meantItem(args[0] as string, client));
    out.value(item, () => showItem(item, out, io.now()));
  });
}

function defineExplain(command: Command, host: Host): void {
  const explain = ofItem(
    command,
    "explain",
    "say why an item is where it is, its place in line, and what would let it go on",
  );
  act(explain, host, async ({ args, connect, out }) => {
    const client = await connect();
    const explanation = await client.work.explain(await meantItem(args[0] as string, client));
    out.value(explanation, () => out.lines(...explanationLines(explanation, out.paint)));
  });
}

function defineVerb(
  command: Command,
  host: Host,
  word: "retry" | "cancel",
  description: string,
): void {
  act(ofItem(command, word, description), host, async ({ args, connect, out }) => {
    const client = await connect();
    const item = await client.work[word](await meantItem(args[0] as string, client));
    out.value(item, () => out.lines(`${issueName(item)}  ${itemStatus(item, out)}`));
  });
}

function definePriority(command: Command, host: Host): void {
  const priority = ofItem(
    command,
    "priority",
    "say how soon an item is worked on among those that are ready: 1 first, 5 usual, 9 last",
  ).argument("<priority>");
  act(priority, host, async ({ args: [given, text], connect, out }) => {
    if (!/^[1-9]$/.test(text ?? ""))
      throw new AppError("invalid_request", "The priority is a number from 1 to 9; 1 is first");
    const client = await connect();
    const id = await meantItem(given as string, client);
    const item = await client.work.change(id, { priority: Number(text) });
    out.value(item, () => out.lines(`${issueName(item)} has priority ${item.priority}`));
  });
}

function defineOrders(command: Command, host: Host): void {
  const orders = command.command("orders").description("list what is done with whose issues");
  act(orders, host, async ({ connect, out }) => {
    await out.list((await connect()).workOrders.list(), {
      headings: ["TRACKER", "STATUS", "RUNS", "AT ONCE", "TRIES", "WHY"],
      row: (order) => [
        printable(order.tracker),
        statusWord(order.status, out.paint),
        printable(order.run),
        String(order.concurrency),
        String(order.max_attempts),
        printable(order.reason ?? ""),
      ],
      empty: "Nothing is done with issues. Say what is: yard work set TRACKER --run REF",
    });
  });
}

interface SetOptions {
  readonly run?: string;
  readonly with?: string;
  readonly concurrency?: string;
  readonly attempts?: string;
  readonly agent?: readonly string[];
}

function defineSet(command: Command, host: Host): void {
  const set = command
    .command("set")
    .description("say what works on the issues of a tracker that are assigned to its bot")
    .argument("<tracker>")
    .option("--run <ref>", "the workflow or action; without it that stays which is set")
    .option("--with <json>", "its input: JSON, @file or @- for stdin; texts may hold ${{ item.… }}")
    .option("--concurrency <number>", "how many items are worked on at once; 1")
    .option("--attempts <number>", "how many runs of an item may fail before a person is asked; 3")
    .option("--agent <name...>", "agents that issues may recommend, beside the usual ones");
  act<SetOptions>(set, host, async ({ args, options, connect, out, io }) => {
    const tracker = args[0] as string;
    const { workOrders } = await connect();
    const before = await workOrders.get(tracker).catch((error: unknown) => {
      if (isAppError(error) && error.code === "not_found") return undefined;
      throw error;
    });
    const run = options.run ?? before?.run;
    if (run === undefined)
      throw new AppError("invalid_request", "Say what works on its issues: --run REF");
    const input =
      options.with && ((await readJsonOption("--with", options.with, io)) as JsonObject);
    const said: PutWorkOrder = {
      ...(before === undefined ? {} : saidOf(before)),
      run,
      ...(input !== undefined && { with: input }),
      ...numberOf("concurrency", options.concurrency),
      ...numberOf("max_attempts", options.attempts),
      ...(options.agent !== undefined && { agents: [...options.agent] }),
    };
    const order = await workOrders.put(tracker, said);
    out.value(order, () => showOrder(order, out));
  });
}

function numberOf(field: string, text: string | undefined): { [field: string]: number } {
  if (text === undefined) return {};
  if (!/^\d{1,4}$/.test(text))
    throw new AppError("invalid_request", `"${text}" is no number: --${field} takes 1 and more`);
  return { [field]: Number(text) };
}

/** An order as it is put again. */
function saidOf({
  run,
  concurrency,
  max_attempts,
  agents,
  enabled,
  ...order
}: WorkOrder): PutWorkOrder {
  return {
    ...{ run, concurrency, max_attempts, agents, enabled },
    ...(order.with !== null && { with: order.with }),
  };
}

function defineSwitches(command: Command, host: Host): void {
  const switches = [
    ["pause", "begin no more items of a tracker; its issues are heard of all the same", false],
    ["resume", "begin items of a tracker again", true],
  ] as const;
  for (const [word, description, enabled] of switches) {
    const switching = command.command(word).description(description).argument("<tracker>");
    act(switching, host, async ({ args, connect, out }) => {
      const tracker = args[0] as string;
      const { workOrders: orders } = await connect();
      const order = await orders.put(tracker, { ...saidOf(await orders.get(tracker)), enabled });
      const name = out.paint.strong(printable(order.tracker));
      out.value(order, () => out.lines(`${name}  ${statusWord(order.status, out.paint)}`));
    });
  }
}

function defineUnset(command: Command, host: Host): void {
  const unset = command
    .command("unset")
    .description("make no more work of a tracker's issues; refused while items are not over")
    .argument("<tracker>");
  act(unset, host, async ({ args, connect, out }) => {
    const tracker = args[0] as string;
    await (await connect()).workOrders.remove(tracker);
    const told = `Issues of ${printable(tracker)} become no work any more.`;
    out.value({ tracker, status: "removed" }, () => out.lines(told));
  });
}
