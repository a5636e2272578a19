import { setTimeout as delay } from "node:timers/promises";
import type { CreateTracker, TrackerKind } from "@yardmaster/protocol";
import { AppError } from "@yardmaster/protocol/core";
import type { Command } from "commander";
import { act, type Call, type Define, defaultList, type Host } from "../command.ts";
import { checkLines } from "../output/check-lines.ts";
import { printable } from "../output/printable.ts";
import { statusWord } from "../output/status.ts";
import { chosenToken, type SaidOptions, saidOf, withSaid } from "../tracker/said.ts";
import { showTracker } from "../tracker/show.ts";

const BAD_EXIT = 1;

export const define: Define = (command, host) => {
  defineList(command, host);
  defineShow(command, host);
  defineAdd(command, host);
  defineChange(command, host);
  defineCheck(command, host);
  definePoll(command, host);
  defineSwitches(command, host);

  const remove = command
    .command("remove")
    .aliases(["rm", "delete"])
    .description("remove a tracker; its source, its events and its deliveries stay")
    .argument("<tracker>");
  act(remove, host, async ({ args, connect, out }) => {
    const name = args[0] as string;
    await (await connect()).trackers.remove(name);
    out.value({ name, status: "removed" }, () => out.lines(`Removed ${printable(name)}.`));
  });
};

function defineList(command: Command, host: Host): void {
  act(defaultList(command, "list trackers"), host, async ({ connect, out }) => {
    await out.list((await connect()).trackers.list(), {
      headings: ["NAME", "KIND", "STATUS", "SOURCE", "BOT", "PROJECTS", "WHY"],
      row: (tracker) => [
        printable(tracker.name),
        tracker.kind,
        statusWord(tracker.status, out.paint),
        printable(tracker.source),
        printable(tracker.bot ?? ""),
        printable(tracker.projects.join(",")),
        printable(tracker.reason ?? ""),
      ],
      empty:
        "No trackers. Add one: yard trackers add NAME --kind gitea --url URL --source SOURCE --project OWNER/REPO",
    });
  });
}

function defineShow(command: Command, host: Host): void {
  const show = command
    .command("show")
    .description("show a tracker; never its token")
    .argument("<tracker>");
  act(show, host, async ({ args, connect, out, io }) => {
    const tracker = await (await connect()).trackers.get(args[0] as string);
    out.value(tracker, () => showTracker(tracker, out, io.now()));
  });
}

function defineAdd(command: Command, host: Host): void {
  const add = command
    .command("add")
    .alias("create")
    .description("add a tracker: whose issues are to be known, and how it is reached")
    .argument("<name>")
    .requiredOption("--kind <kind>", "gitea, forgejo or github")
    .option("--paused", "do not ask it for changes until it is resumed")
    .addHelpText(
      "after",
      "\nIts token is asked for without being shown, piped in, or named by --token-env, --token-file or --token-at. It is never an argument.",
    );
  act<SaidOptions & { readonly kind: string; readonly paused?: true }>(
    withSaid(add),
    host,
    async ({ args, options, connect, out, io }) => {
      const name = args[0] as string;
      const { source, projects, ...said } = saidOf(options);
      if (source === undefined || projects === undefined)
        throw new AppError(
          "invalid_request",
          "Name the source that its webhooks come to, and its projects: --source SOURCE --project OWNER/REPO",
        );
      const { trackers } = await connect();
      const token = await chosenToken(name, options, { io, isNeeded: true });
      const body = { ...said, name, kind: options.kind as TrackerKind, source, projects, token };
      const enabled = options.paused !== true;
      const tracker = await trackers.create({ ...body, enabled } as CreateTracker);
      out.value(tracker, () => {
        showTracker(tracker, out, io.now());
        out.lines(`See that it can be reached: yard trackers check ${printable(name)}`);
      });
    },
  );
}

function defineChange(command: Command, host: Host): void {
  const change = command
    .command("change")
    .description("change a tracker; what is not given stays")
    .argument("<tracker>")
    .addHelpText(
      "after",
      '\nWith another --url the token is said again: it would go there. --project names all of its projects anew; --bot "" takes the bot away.',
    );
  act<SaidOptions>(withSaid(change), host, async ({ args, options, connect, out, io }) => {
    const name = args[0] as string;
    const token = await chosenToken(name, options, { io, isNeeded: false });
    const body = { ...saidOf(options), ...(token !== undefined && { token }) };
    if (Object.keys(body).length === 0)
      throw new AppError(
        "invalid_request",
        "Nothing is to be changed: name what is, as --bot LOGIN",
      );
    const tracker = await (await connect()).trackers.change(name, body);
    out.value(tracker, () => showTracker(tracker, out, io.now()));
  });
}

function defineCheck(command: Command, host: Host): void {
  const check = command
    .command("check")
    .description("reach a tracker with its token, and say what is wrong")
    .argument("<tracker>")
    .addHelpText("after", "\nIt exits with 1 when anything is bad.");
  act(check, host, async ({ args, connect, out }) => {
    const { status, checks } = await (await connect()).trackers.check(args[0] as string);
    for (const one of checks) out.value(one, () => out.lines(...checkLines(one, out)));
    return status === "bad" ? BAD_EXIT : 0;
  });
}

/** A list of many pages takes a while; longer than this it goes on without being waited for. */
const PATIENCE_MS = 60_000;
const LOOK_EVERY_MS = 250;

function definePoll(command: Command, host: Host): void {
  const poll = command
    .command("poll")
    .description("ask a tracker now for what no webhook has told, and wait until that is done")
    .argument("<tracker>")
    .option("--no-wait", "do not wait")
    .addHelpText(
      "after",
      "\nIt exits with 1 when a project could not be read. What is younger than a minute may still be delivered, and is left for the next poll.",
    );
  act<{ readonly wait: boolean }>(poll, host, (call) =>
    call.interruptible((signal) => pollNow(call, signal)),
  );
}

async function pollNow(
  { args, options, connect, out, io }: Call<{ readonly wait: boolean }>,
  signal: AbortSignal,
): Promise<number> {
  const name = args[0] as string;
  const { trackers } = await connect();
  const { polled_at: before } = await trackers.get(name, { signal });
  let tracker = await trackers.poll(name, { signal });
  const untilMs = io.now() + PATIENCE_MS;
  while (options.wait && tracker.polled_at === before && io.now() < untilMs) {
    await delay(LOOK_EVERY_MS, undefined, { signal });
    tracker = await trackers.get(name, { signal });
  }
  out.value(tracker, () => showTracker(tracker, out, io.now()));
  return options.wait && tracker.polled.some(({ problem }) => problem !== null) ? BAD_EXIT : 0;
}

function defineSwitches(command: Command, host: Host): void {
  const switches = [
    ["pause", "ask a tracker no more what has changed; its webhooks still come in"],
    ["resume", "ask a paused tracker again"],
  ] as const;
  for (const [word, description] of switches) {
    const switching = command.command(word).description(description).argument("<tracker>");
    act(switching, host, async ({ args, connect, out }) => {
      const tracker = await (await connect()).trackers[word](args[0] as string);
      const name = out.paint.strong(printable(tracker.name));
      out.value(tracker, () => out.lines(`${name}  ${statusWord(tracker.status, out.paint)}`));
    });
  }
}
