import type { ChangeNode, NodeBase, NodeE2e } from "@yardmaster/protocol";
import { AppError } from "@yardmaster/protocol/core";
import { type Command, Option } from "commander";
import { act, type Host } from "../command.ts";
import { printable } from "../output/printable.ts";

interface SetOptions {
  readonly baseChunks?: NodeBase["chunks"];
  readonly baseEnv?: NodeBase["env"];
  readonly baseStdin?: "guard" | "share";
  readonly e2e?: NodeE2e;
}

/** set: how the server speaks with a node. */
export function defineSettings(command: Command, host: Host): void {
  const set = command
    .command("set")
    .description(
      "change how the server speaks with a node; --base-… is for clients of the base protocol",
    )
    .argument("<node>")
    .addOption(
      new Option(
        "--base-chunks <how>",
        "output live without stderr (on), live with stderr within it (merge), or both streams at the end (off)",
      ).choices(["on", "merge", "off"]),
    )
    .addOption(
      new Option(
        "--base-env <how>",
        "variables of a call, which such a client ignores: send them and say so, or refuse the call",
      ).choices(["forward", "refuse"]),
    )
    .addOption(
      new Option(
        "--base-stdin <how>",
        "give commands an empty stdin (guard), or let one that reads take the next command (share)",
      ).choices(["guard", "share"]),
    )
    .addOption(
      new Option("--e2e <policy>", "encryption, where its token is kept sealed").choices([
        "preferred",
        "required",
      ]),
    );
  act<SetOptions>(set, host, async ({ args, options, connect, out }) => {
    const change = changeOf(options);
    if (Object.keys(change).length === 0)
      throw new AppError("invalid_request", "Say what to set: yard node set --help");
    const node = await (await connect()).nodes.change(args[0] as string, change);
    out.value(node, () =>
      out.lines(
        `${printable(node.name)}: ${baseText(node.base)}; end-to-end encryption ${node.e2e}.`,
      ),
    );
  });
}

function changeOf({ baseChunks, baseEnv, baseStdin, e2e }: SetOptions): ChangeNode {
  const base = {
    ...(baseChunks && { chunks: baseChunks }),
    ...(baseEnv && { env: baseEnv }),
    ...(baseStdin && { stdin_guard: baseStdin === "guard" }),
  };
  return { ...(Object.keys(base).length > 0 && { base }), ...(e2e && { e2e }) };
}

/** In the words of the options. */
export function baseText({ chunks, env, stdin_guard }: NodeBase): string {
  return `base chunks ${chunks}, env ${env}, stdin ${stdin_guard ? "guard" : "share"}`;
}
