import type { PairedNode } from "@yardmaster/protocol";
import { joinLines, reachFlaw } from "@yardmaster/protocol/core";
import { useState } from "react";
import { CommandLine } from "../design/command-line.tsx";
import { Notice } from "../design/notice.tsx";
import { Sentence } from "../design/sentence.tsx";

interface PastedLinesProps {
  readonly paired: Pick<PairedNode, "token" | "token_kind" | "expires_at"> & {
    readonly node: Pick<PairedNode["node"], "name">;
  };
  /** The machine has been the node before. */
  readonly isPaired?: boolean;
}

const ADVICE = {
  own_machine:
    "By this address the server's own machine alone can become a node. For another write here the one that it reaches, over TLS: https://…",
  no_tls:
    "Without TLS a node connects to its own machine alone: serve https, by the server itself or by a proxy before it.",
} as const;

/** A new token, shown this once, in the lines that are pasted on the machine. */
export function PastedLines({ paired, isPaired = false }: PastedLinesProps) {
  const [server, setServer] = useState<string>(location.origin);
  const { node, token, token_kind, expires_at } = paired;
  const isAddress = URL.canParse(server) && /^https?:$/.test(new URL(server).protocol);
  const flaw = isAddress ? reachFlaw(server) : undefined;
  const client = token_kind === "pairing" ? "yard" : "base";
  const lines = isAddress ? joinLines({ name: node.name, token, client, server, isPaired }) : [];
  const life =
    expires_at === null
      ? "It lasts until it is revoked."
      : `It can be used once, until ${expires_at}.`;
  return (
    <div className="mt-3 space-y-3">
      <p className="text-muted">
        This token is shown this once. <Sentence text={life} />
      </p>
      <div>
        <label className="block font-medium" htmlFor="node-server">
          Address of the server, as the machine reaches it
        </label>
        <input
          id="node-server"
          className="field mt-1 w-full font-mono text-[0.8125rem]"
          spellCheck={false}
          value={server}
          onChange={(event) => setServer(event.target.value)}
        />
      </div>
      {!isAddress && <Notice tone="bad">Write it like https://yard.example.org</Notice>}
      {flaw !== undefined && <Notice tone="warn">{ADVICE[flaw]}</Notice>}
      {isAddress && (
        <>
          <p className="font-medium">
            {lines.length === 1 ? "On the machine" : "On the machine, one of these"}
          </p>
          {lines.map((line) => (
            <CommandLine key={line} text={line} label="Copy the line" />
          ))}
        </>
      )}
      {client === "yard" && !isPaired && (
        <p className="text-muted">
          Files and folders are closed to the server until the machine opens some: add{" "}
          <code className="font-mono text-[0.8125rem]">--allow /srv</code>
        </p>
      )}
    </div>
  );
}
