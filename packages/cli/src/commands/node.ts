import type { YardNode } from "@yardmaster/protocol";
import { act, type Define, defaultList } from "../command.ts";
import { gatherText } from "../gather-text.ts";
import { defineCopy } from "../node/copy/copy.ts";
import { defineExec } from "../node/exec.ts";
import { defineLocal } from "../node/local.ts";
import { defineManagement } from "../node/manage.ts";
import { definePair } from "../node/pair.ts";
import { defineSessions } from "../node/sessions.ts";
import { defineSettings } from "../node/settings.ts";
import { defineShell } from "../node/shell.ts";
import { defineShow, labelText } from "../node/show.ts";
import type { Paint } from "../output/paint.ts";
import { printable } from "../output/printable.ts";
import { statusWord } from "../output/status.ts";
import { relativeTime } from "../output/time.ts";
import { type LimitOption, withLimit } from "./limit-option.ts";

interface ListOptions extends LimitOption {
  readonly status?: readonly string[];
  readonly label?: readonly string[];
}

export const define: Define = (command, host) => {
  const list = withLimit(defaultList(command, "list nodes by name, with their state"))
    .option("--status <status>", "only with this status; may be given again", gatherText)
    .option("--label <label>", "only with this label: os=linux, or gpu for any value", gatherText);
  act<ListOptions>(list, host, async ({ connect, out, io, options }) => {
    const { limit, status, label } = options;
    const nodes = (await connect()).nodes.list({
      limit,
      status: status?.join(","),
      label: label?.join(","),
    });
    await out.list(nodes, {
      headings: [
        "NAME",
        "STATUS",
        "SINCE",
        "PLATFORM",
        "VERSION",
        "CALLS",
        "JOBS",
        "ADDRESS",
        "LABELS",
      ],
      row: (node) => rowOf(node, io.now(), out.paint),
      empty:
        status === undefined && label === undefined
          ? "No nodes. Pair one: yard node pair NAME"
          : "No node is like that. All of them: yard node list",
    });
  });

  definePair(command, host);
  defineShow(command, host);
  defineManagement(command, host);
  defineSettings(command, host);
  defineExec(command, host);
  defineShell(command, host);
  defineCopy(command, host);
  defineSessions(command, host);
  defineLocal(command, host);
};

function rowOf(node: YardNode, nowMs: number, paint: Paint): string[] {
  const { platform, arch, load } = node;
  return [
    printable(node.name),
    statusWord(node.status, paint),
    relativeTime(node.since, nowMs),
    printable([platform, arch].filter((part) => part !== null).join("/")),
    printable(node.node_version ?? ""),
    load.calls === 0 ? "" : String(load.calls),
    load.jobs === 0 ? "" : `${load.jobs}/${load.slots}`,
    printable(node.address ?? ""),
    labelText(node.labels),
  ];
}
