import type { Pack } from "@yardmaster/protocol";
import type { Client } from "@yardmaster/sdk";
import { act, type Define, defaultList } from "../command.ts";
import type { Output } from "../output/output.ts";
import { printable } from "../output/printable.ts";
import { statusMark, statusWord } from "../output/status.ts";
import { relativeTime } from "../output/time.ts";
import { type StatusOption, withStatus } from "./status-option.ts";

const STATUSES = ["active", "broken"] as const satisfies readonly Pack["status"][];

export const define: Define = (command, host) => {
  const list = withStatus(defaultList(command, "list packs"), STATUSES);
  act<StatusOption<Pack["status"]>>(list, host, async ({ connect, out, io, options }) =>
    showPacks(await connect(), out, io.now(), options.status),
  );
  const show = command
    .command("show")
    .description("show a pack: what it holds, its folder and digest, and what is wrong in it")
    .argument("<pack>");
  act(show, host, async ({ args, connect, out, io }) => {
    const pack = await (await connect()).packs.get(args[0] as string);
    out.value(pack, () =>
      out.lines(...packLines(pack, out, io.now()), ...factLines(pack, io.now())),
    );
  });

  const reload = command
    .command("reload")
    .description("read the pack folders again now, and list what came of it");
  act(reload, host, async ({ connect, out, io }) => {
    const client = await connect();
    await client.packs.reload();
    await showPacks(client, out, io.now());
  });
};

async function showPacks(
  { packs }: Pick<Client, "packs">,
  out: Output,
  nowMs: number,
  status?: Pack["status"],
): Promise<void> {
  let count = 0;
  for await (const pack of packs.list({ status })) {
    count++;
    out.value(pack, () => out.lines(...packLines(pack, out, nowMs)));
  }
  if (count === 0 && status !== undefined) out.lines(`No pack is ${status}.`);
  else if (count === 0)
    out.lines("No packs. Name their folders when the server starts: yard start --packs packs");
}

const PARTS = [
  "workflows",
  "actions",
  "rules",
  "queues",
  "sources",
  "agents",
  "sensors",
  "tasks",
] as const;

function packLines(pack: Pack, { paint }: Output, nowMs: number): string[] {
  const status =
    pack.status === "active" ? "" : `  ${statusWord(pack.status, paint)}${brokenText(pack, nowMs)}`;
  // A server of before agents or sensors does not name them.
  const parts = PARTS.filter((part) => (pack[part] ?? []).length > 0);
  return [
    `${statusMark(pack.status, paint)} ${paint.strong(pack.pack)} ${pack.version}  ${paint.faint(printable(pack.folder))}${status}`,
    ...parts.map((part) => `  ${part.padEnd(9)}  ${pack[part].join(", ")}`),
    ...pack.errors.flatMap(({ path, message, hint }) => [
      // The folder itself has no place in it, and stands in the line above.
      path === "."
        ? `  ${printable(message)}`
        : `  ${paint.bad(printable(path))}: ${printable(message)}`,
      ...(hint === undefined ? [] : [`    ${printable(hint)}`]),
    ]),
  ];
}

function factLines({ digest, loaded_at: loadedAt }: Pack, nowMs: number): string[] {
  if (digest === null || loadedAt === null) return [];
  return [`  digest     ${digest}`, `  loaded     ${relativeTime(loadedAt, nowMs)}`];
}

function brokenText({ errors_since: since, digest }: Pack, nowMs: number): string {
  const found = since === null ? "" : `, found ${relativeTime(since, nowMs)}`;
  return digest === null ? found : `${found}; the version before goes on`;
}
