import type { NodeClient } from "@yardmaster/protocol";

/** What a machine needs to become a node. */
export interface Joining {
  readonly name: string;
  readonly token: string;
  readonly client: NodeClient;
  /** As `yard` reaches it. */
  readonly server: string;
  /** It has been a node before, with a configuration that stays. */
  readonly isPaired?: boolean;
}

/** The lines to paste on the machine; one of them is enough. */
export function joinLines({ name, token, client, server, isPaired }: Joining): string[] {
  const needed = `--server ${linkOf(server)} --token ${token} ${nameOption(name)}`;
  if (client === "base") return [`hermes-node pair ${needed}`];
  const options = isPaired === true ? `${needed} --force` : needed;
  return [
    `yard node run ${options}`,
    `node yard-node.mjs pair ${options} && node yard-node.mjs run`,
  ];
}

/** A machine elsewhere cannot reach an address of this one; undefined where it may. */
export function reachAdvice(server: string): string | undefined {
  const { hostname, protocol } = new URL(server);
  if (/^(localhost|127\..*|\[::1\])$/.test(hostname))
    return "That address is this machine's own. For another machine print one that it reaches, over TLS: --server https://…";
  if (protocol === "http:")
    return "Without TLS a node connects to its own machine alone: serve https, by itself or behind a proxy.";
  return undefined;
}

/** `wss://host`, whatever was written. */
function linkOf(server: string): string {
  const url = new URL(server);
  url.protocol = url.protocol === "http:" ? "ws:" : "wss:";
  return url.href.replace(/\/$/, "");
}

/** A name that begins with a dash would be read as another option. */
function nameOption(name: string): string {
  return name.startsWith("-") ? `--name=${shellWord(name)}` : `--name ${shellWord(name)}`;
}

/** A word as any shell reads it back. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
