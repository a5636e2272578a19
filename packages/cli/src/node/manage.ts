import type { NodeE2e, RotatedNode, YardNode } from "@yardmaster/protocol";
import type { Command } from "commander";
import { act, type Host } from "../command.ts";
import { findServer } from "../find-server.ts";
import { printable } from "../output/printable.ts";
import { statusWord } from "../output/status.ts";
import { defineGrants } from "./grants.ts";
import { changedLabels } from "./labels.ts";
import { serverOption, showToken } from "./pair.ts";
import { labelText } from "./show.ts";

/** rename, label, grant, deny, rotate and revoke. */
export function defineManagement(command: Command, host: Host): void {
  const rename = command
    .command("rename")
    .description("give a node another name; its machine may go on giving the one before")
    .argument("<node>")
    .argument("<name>");
  act(rename, host, async ({ args, connect, out }) => {
    const [from, to] = args as [string, string];
    const node = await (await connect()).nodes.change(from, { name: to });
    out.value(node, () =>
      out.lines(
        `Renamed ${printable(from)} to ${printable(node.name)}.`,
        out.paint.faint(
          `Its machine is told, and may come as ${printable(from)} until another node is called so.`,
        ),
        ...node.warnings.map((warning) => out.paint.held(printable(warning))),
      ),
    );
  });

  const label = command
    .command("label")
    .description("show or change the labels that you gave a node; they win over its own")
    .argument("<node>")
    .argument("[changes...]", "key or key=value sets a label, key- takes it away");
  act(label, host, async ({ args, rest, connect, out }) => {
    const { nodes } = await connect();
    const node = await nodes.get(args[0] as string);
    const changed =
      rest.length === 0
        ? node
        : await nodes.change(node.name, { labels: changedLabels(node.operator_labels, rest) });
    out.value(changed, () => out.lines(...labelLines(changed)));
  });

  defineGrants(command, host);
  defineRotate(command, host);

  const revoke = command
    .command("revoke")
    .description("cut a node off at once and for good: its link, its calls and its token")
    .argument("<node>")
    .option("--reason <text>", "for the audit, and for whoever looks at the node");
  act<{ reason?: string }>(revoke, host, async ({ args, options: { reason }, connect, out }) => {
    const { nodes } = await connect();
    const node = await nodes.revoke(args[0] as string, reason === undefined ? {} : { reason });
    out.value(node, () =>
      out.lines(`${printable(node.name)} is ${statusWord(node.status, out.paint)}.`),
    );
  });
}

function labelLines({ labels, operator_labels }: YardNode): string[] {
  const given = labelText(operator_labels);
  return [
    labelText(labels) || "No labels.",
    ...(given === "" ? [] : [`  of these yours: ${given}`]),
  ];
}

interface RotateOptions {
  readonly push: boolean;
  readonly e2e?: NodeE2e;
  readonly expires?: string;
  readonly server?: string;
}

function defineRotate(command: Command, host: Host): void {
  const rotate = command
    .command("rotate")
    .description("give a node a new token: over its link where it can take it, else shown once")
    .argument("<node>")
    .option("--no-push", "show it, and send nothing")
    .option("--e2e <policy>", "off, preferred or required from now on")
    .option("--expires <duration>", "how long a shown token may be used to pair (15m)")
    .option("--server <url>", "the address that the machine reaches, for the line to paste");
  act<RotateOptions>(rotate, host, async ({ args, options, connect, io, out }) => {
    const { push, e2e, expires } = options;
    const server = serverOption(options.server) ?? (await findServer(io)).url;
    const rotated = await (await connect()).nodes.rotate(args[0] as string, {
      push,
      ...(e2e !== undefined && { e2e }),
      ...(expires !== undefined && { expires_in: expires }),
    });
    out.value(rotated, () => {
      const shown = shownToken(rotated);
      if (shown !== undefined) return showToken(out, { paired: shown, server, isPaired: true });
      out.lines(
        `${printable(rotated.node.name)} has a new token; the old one ends with its next login.`,
      );
    });
  });
}

function shownToken({ node, token, token_kind, expires_at }: RotatedNode) {
  if (token === null || token_kind === null) return undefined;
  return { node, token, token_kind, expires_at };
}
