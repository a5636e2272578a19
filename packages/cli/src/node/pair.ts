import type { NodeClient, PairedNode, PairNode } from "@yardmaster/protocol";
import { AppError, joinLines, reachFlaw } from "@yardmaster/protocol/core";
import { type Command, Option } from "commander";
import { act, type Call, type Host } from "../command.ts";
import { findServer } from "../find-server.ts";
import { gatherText } from "../gather-text.ts";
import type { Output } from "../output/output.ts";
import { printable } from "../output/printable.ts";
import { GRANTS, type Grant } from "./grants.ts";
import { labelsOf } from "./labels.ts";

interface PairOptions {
  readonly base?: true;
  readonly e2e?: true;
  readonly e2ePreferred?: true;
  readonly label?: readonly string[];
  readonly deny?: readonly Grant[];
  readonly path?: readonly string[];
  readonly expires?: string;
  readonly force?: true;
  readonly server?: string;
}

export function definePair(command: Command, host: Host): void {
  const pair = command
    .command("pair")
    .description("make a token for a machine and show it, this once, with the line to paste there")
    .argument("<name>")
    .option("--base", "for a client of the base protocol: a token that lasts")
    .option("--e2e", "encrypt from server to node, and accept nothing else")
    .option("--e2e-preferred", "encrypt where the client can")
    .option(
      "--label <label>",
      "a label that you give it, key or key=value; may be given again",
      gatherText,
    )
    .addOption(
      new Option("--deny <what...>", "what the server may never ask of it").choices(GRANTS),
    )
    .option(
      "--path <path>",
      "where it may be asked for files, and nowhere else; may be given again",
      gatherText,
    )
    .option("--expires <duration>", "how long the token may be used to pair (15m)")
    .option("--force", "revoke the node that has the name now")
    .option("--server <url>", "the address that the machine reaches, for the line to paste");
  act<PairOptions>(pair, host, async (call) => {
    const { args, options, connect, io, out } = call;
    const server = serverOption(options.server) ?? (await findServer(io)).url;
    const paired = await (await connect()).nodes.pair(requestOf(args[0] as string, options));
    out.value(paired, () => {
      showToken(out, { paired, server });
      for (const warning of paired.warnings) out.lines("", out.paint.held(printable(warning)));
    });
  });
}

/** @throws AppError invalid_request */
export function serverOption(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url !== undefined && /^(https?|wss?):$/.test(url.protocol))
    return url.href.replace(/^ws/, "http");
  throw new AppError(
    "invalid_request",
    `--server ${text} is no address; write it like https://yard.example.org`,
  );
}

function requestOf(name: string, options: Call<PairOptions>["options"]): PairNode {
  const { base, e2e, e2ePreferred, label, deny = [], path: paths, expires, force } = options;
  const grants = {
    ...Object.fromEntries(deny.map((grant) => [grant, false])),
    ...(paths && { paths: [...paths] }),
  };
  return {
    name,
    ...(base && { client: "base" as const }),
    ...(e2ePreferred && { e2e: "preferred" as const }),
    ...(e2e && { e2e: "required" as const }),
    ...(label && { labels: labelsOf(label, "--label") }),
    ...(Object.keys(grants).length > 0 && { grants }),
    ...(expires !== undefined && { expires_in: expires }),
    ...(force && { force }),
  };
}

export interface ShownToken {
  readonly paired: Omit<PairedNode, "warnings">;
  readonly server: string;
  readonly isPaired?: boolean;
}

/** The token, how long it can be used, and what to paste on the machine. */
export function showToken(
  { lines, paint }: Output,
  { paired: { node, token, token_kind, expires_at }, server, isPaired = false }: ShownToken,
): void {
  const client: NodeClient = token_kind === "pairing" ? "yard" : "base";
  const life =
    expires_at === null
      ? "it lasts until it is revoked"
      : `it can be used once, until ${expires_at}`;
  const advice = reachAdvice(server);
  const paste = joinLines({ name: node.name, token, client, server, isPaired });
  lines(
    `token: ${paint.strong(token)}`,
    paint.faint(`Shown this once; ${life}.`),
    "",
    paste.length === 1 ? "On the machine:" : "On the machine, one of:",
    ...paste.map((line) => `  ${line}`),
    paint.faint(nextOf(client, isPaired)),
    ...(advice === undefined ? [] : ["", paint.held(advice)]),
  );
}

const REACH_ADVICE = {
  own_machine:
    "That address is this machine's own. For another machine print one that it reaches, over TLS: --server https://…",
  no_tls:
    "Without TLS a node connects to its own machine alone: serve https, by itself or behind a proxy.",
} as const;

/** What to do about an address that another machine cannot use; undefined where it may. */
function reachAdvice(server: string): string | undefined {
  const flaw = reachFlaw(server);
  return flaw && REACH_ADVICE[flaw];
}

function nextOf(client: NodeClient, isPaired: boolean): string {
  if (client === "base") return "Then allow it folders in its config, and: hermes-node run";
  if (isPaired)
    return [
      "The token that the machine has goes on until this one is used; yard node revoke ends it at once.",
      "A service that runs the node is started again; what its owner allows stays.",
    ].join("\n");
  return "Files and folders are closed to the server until the machine opens some: add --allow /srv";
}
