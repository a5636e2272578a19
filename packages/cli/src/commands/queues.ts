import type { Queue, QueueDetail, QueueStatus } from "@yardmaster/protocol";
import { act, type Define, defaultList } from "../command.ts";
import { explanationLines } from "../output/explanation.ts";
import type { Output } from "../output/output.ts";
import { printable } from "../output/printable.ts";
import { statusWord } from "../output/status.ts";
import { relativeTime } from "../output/time.ts";
import { type StatusOption, withStatus } from "./status-option.ts";

const STATUSES = [
  "idle",
  "moving",
  "full",
  "held",
  "paused",
] as const satisfies readonly QueueStatus[];

export const define: Define = (command, host) => {
  act<StatusOption<QueueStatus>>(
    withStatus(defaultList(command, "list queues, with what waits and runs in them"), STATUSES),
    host,
    async ({ connect, out, options: { status } }) => {
      await out.list((await connect()).queues.list({ status }), {
        headings: ["QUEUE", "STATUS", "RUNNING", "READY", "DELAYED", "ORDER", "PACK", "NEXT"],
        row: (queue) => [
          queue.name,
          statusWord(queue.status, out.paint),
          runningText(queue),
          String(queue.ready),
          String(queue.delayed),
          orderText(queue),
          queue.pack ?? "(removed)",
          queue.next === null ? "" : `${queue.next.run_id} ${printable(queue.next.step)}`,
        ],
        empty:
          status === undefined
            ? "No queues. A pack defines them in queues/*.yaml."
            : `No queue is ${status}.`,
      });
    },
  );

  const show = command
    .command("show")
    .description("show what waits and runs in a queue, and who leads each line")
    .argument("<queue>");
  act(show, host, async ({ args, connect, out, io }) => {
    const queue = await (await connect()).queues.get(args[0] as string);
    out.value(queue, () => showQueue(queue, out, io.now()));
  });

  const explain = command
    .command("explain")
    .description("say why a queue moves or does not")
    .argument("<queue>");
  act(explain, host, async ({ args, connect, out }) => {
    const explanation = await (await connect()).queues.explain(args[0] as string);
    out.value(explanation, () => out.lines(...explanationLines(explanation, out.paint)));
  });

  for (const [word, summary] of HOLDS) {
    const hold = command.command(word).description(summary).argument("<queue>");
    act(hold, host, async ({ args, connect, out }) => {
      const queue = await (await connect()).queues[word](args[0] as string);
      // What is in it is of the very moment in which it changes.
      const by = queue.paused_by === null ? "goes on" : `paused by ${printable(queue.paused_by)}`;
      out.value(queue, () => out.lines(`${out.paint.strong(queue.name)}  ${by}`));
    });
  }
};

const HOLDS = [
  ["pause", "stop a queue: what runs in it goes on, nothing more is started"],
  ["resume", "let a paused queue go on"],
] as const;

function runningText({ leased, concurrency }: Queue): string {
  return concurrency === null ? String(leased) : `${leased}/${concurrency}`;
}

function orderText({ fifo, key_concurrency, rate }: Queue): string {
  const order = key_concurrency === null ? "priority" : `${key_concurrency} a key`;
  return `${fifo ? "fifo by key" : order}${rate === null ? "" : `, ${rate}`}`;
}

function showQueue(queue: QueueDetail, out: Output, nowMs: number): void {
  const { paint } = out;
  const about = queue.description === null ? "" : `  ${printable(queue.description)}`;
  out.lines(
    `${paint.strong(queue.name)}  ${statusWord(queue.status, paint)}${about}`,
    `  ${runningText(queue)} running, ${queue.ready} ready, ${queue.delayed} delayed; ${orderText(queue)}; ${queue.pack === null ? "no active pack defines it" : `pack ${queue.pack}`}`,
  );
  if (queue.next_start_at !== null)
    out.lines(`  its rate is used up; the next starts at ${queue.next_start_at}`);
  if (queue.running.length > 0) {
    out.lines("");
    out.table(
      ["RUNNING", "STEP", "KEY", "SINCE", "WORKER"],
      queue.running.map(({ run_id, step, key, leased_at, worker, node }) => [
        run_id,
        printable(step),
        printable(key ?? ""),
        relativeTime(leased_at, nowMs),
        node === undefined ? worker : `node ${printable(node)}`,
      ]),
    );
  }
  if (queue.waiting.length > 0) {
    out.lines("");
    out.table(
      ["WAITING", "STEP", "KEY", "PRIORITY"],
      queue.waiting.map(({ run_id, step, key, priority }) => [
        run_id,
        printable(step),
        printable(key ?? ""),
        String(priority),
      ]),
    );
  }
  if (queue.lines.length > 0) {
    out.lines("");
    out.table(
      ["KEY", "LEADS", "RUNS IN LINE"],
      queue.lines.map(({ key, leads, runs }) => [printable(key), leads, String(runs)]),
    );
  }
}
