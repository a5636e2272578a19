import { BlockList, isIP } from "node:net";
import { resolve } from "node:path";
import { z } from "zod";
import { port, text } from "./choices.ts";

/** Several words: a list, or a text with commas. */
export const words = z.union(
  [z.array(z.string()), text.transform((list) => list.split(",").map((word) => word.trim()))],
  { error: "must be a list of texts, or a text with commas between them" },
);
const network = text.refine(
  isNetwork,
  "is no address or range; write for example 10.0.0.0/8 or ::1",
);
const yes = z
  .union([z.boolean(), z.enum(["1", "true", "yes", "0", "false", "no"])], {
    error: "must be true or false",
  })
  .transform((word) => word === true || word === "1" || word === "true" || word === "yes");

function isNetwork(range: string): boolean {
  const [address = "", bits, ...rest] = range.split("/");
  const family = isIP(address);
  if (family === 0 || rest.length > 0) return false;
  if (bits === undefined) return true;
  if (!/^\d{1,3}$/.test(bits)) return false;
  try {
    new BlockList().addSubnet(address, Number(bits), family === 6 ? "ipv6" : "ipv4");
    return true;
  } catch {
    return false;
  }
}

/** How others reach the server, and who between here and there is believed. */
export const NETWORK_SETTINGS = {
  YARD_TLS_CERT: text
    .optional()
    .describe("File of a certificate in PEM, with its chain: HTTPS and WSS are served with it."),
  YARD_TLS_KEY: text
    .optional()
    .describe("File of the certificate's key in PEM, readable by its owner alone."),
  YARD_TRUST_PROXY: words
    .pipe(z.array(network))
    .default([])
    .describe(
      "Addresses or ranges of proxies that end TLS: X-Forwarded-Proto and X-Forwarded-For are believed from there alone.",
    ),
  YARD_INSECURE: yes
    .default(false)
    .describe("Let nodes be paired and driven beyond this machine without TLS."),
  YARD_NODES_PORT: port
    .optional()
    .describe(
      "Port of a second listener that serves nodes alone: /ws/nodes and POST /v1/nodes/pair; 0 picks one.",
    ),
  YARD_NODES_HOST: text
    .optional()
    .describe("Address of that listener; by default that of YARD_HOST."),
} as const;

export interface NetworkSettings {
  /** Absolute paths. */
  readonly tls: { readonly certPath: string; readonly keyPath: string } | undefined;
  readonly trustProxy: readonly string[];
  /** Nodes may come and be driven without TLS from anywhere. */
  readonly insecure: boolean;
  readonly nodesListener: { readonly host: string; readonly port: number } | undefined;
}

/** The first does nothing without the second. */
const NEEDS = [
  ["YARD_TLS_CERT", "YARD_TLS_KEY"],
  ["YARD_TLS_KEY", "YARD_TLS_CERT"],
  ["YARD_NODES_HOST", "YARD_NODES_PORT"],
] as const;

/** What is wrong where a setting is given without the one that it needs. */
export function networkFlaws(given: {
  readonly [name: string]: unknown;
}): { readonly path: string; readonly message: string }[] {
  return NEEDS.filter(
    ([name, needed]) => given[name] !== undefined && given[needed] === undefined,
  ).map(([name, needed]) => ({ path: needed, message: `is needed with ${name}` }));
}

type Read = {
  readonly [N in keyof typeof NETWORK_SETTINGS]: z.output<(typeof NETWORK_SETTINGS)[N]>;
} & { readonly YARD_HOST: string };

/** Paths are resolved from `cwd`. */
export function networkOf(read: Read, cwd: string): NetworkSettings {
  const { YARD_TLS_CERT: cert, YARD_TLS_KEY: key, YARD_NODES_PORT: nodesPort } = read;
  const isTls = cert !== undefined && key !== undefined;
  return {
    tls: isTls ? { certPath: resolve(cwd, cert), keyPath: resolve(cwd, key) } : undefined,
    trustProxy: read.YARD_TRUST_PROXY,
    insecure: read.YARD_INSECURE,
    nodesListener:
      nodesPort === undefined
        ? undefined
        : { host: read.YARD_NODES_HOST ?? read.YARD_HOST, port: nodesPort },
  };
}
