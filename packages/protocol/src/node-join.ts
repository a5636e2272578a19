import type { NodeClient } from "./api/nodes.ts";

/** What a machine needs to become a node. */
export interface Joining {
  readonly name: string;
  readonly token: string;
  readonly client: NodeClient;
  /** As whoever asks reaches it. */
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

/**
 * Why another machine cannot become a node by this address: it is the one of a machine to itself, or it is without TLS,
 * over which nodes talk to other machines alone. Undefined where it may.
 */
export function reachFlaw(server: string): "own_machine" | "no_tls" | undefined {
  const { hostname, protocol } = new URL(server);
  if (/^(localhost|127\..*|\[::1\])$/.test(hostname)) return "own_machine";
  return protocol === "http:" ? "no_tls" : undefined;
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
function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
