import { resolve } from "node:path";
import { AppError, labelFlaw } from "@yardmaster/protocol/core";
import { type Config, SLOTS_MOST, type WrittenConfig } from "../config/config.ts";
import { pick, type readFlags } from "./flags.ts";

/** What `pair` and `run` can be told of a machine that is not paired yet. */
export const PAIR_FLAGS = {
  server: { type: "string" },
  token: { type: "string" },
  name: { type: "string" },
  state: { type: "string" },
  allow: { type: "string", multiple: true },
  label: { type: "string", multiple: true },
  slots: { type: "string" },
  "ca-cert": { type: "string" },
  pin: { type: "string" },
  proxy: { type: "string" },
  e2e: { type: "string" },
  insecure: { type: "boolean" },
  lasting: { type: "boolean" },
  force: { type: "boolean" },
} as const;

export type PairFlags = ReturnType<typeof readFlags<typeof PAIR_FLAGS>>;

/** Which flag says a field of the configuration, where it has another name. */
const FLAG_OF: ReadonlyMap<string, string> = new Map([
  ["allowed_paths", "allow"],
  ["labels", "label"],
  ["ca_cert", "ca-cert"],
  ["proxy_url", "proxy"],
]);

/**
 * What the flags say of the configuration: all but the token. A file is named from where one stands, and its place kept
 * in full. Throws `invalid_request` for slots and labels that are none.
 */
export function wordsOf(flags: PairFlags): Partial<WrittenConfig> {
  const { server, name, slots, pin, proxy, e2e, insecure, "ca-cert": caCert } = flags;
  return {
    ...pick("server", server),
    ...pick("name", name?.trim()),
    ...pick("allowed_paths", flags.allow),
    ...pick("labels", flags.label === undefined ? undefined : labelsOf(flags.label)),
    ...pick("slots", slots === undefined ? undefined : slotsOf(slots)),
    ...pick("ca_cert", caCert === undefined ? undefined : resolve(caCert)),
    ...pick("pin", pin),
    ...pick("proxy_url", proxy),
    ...pick("e2e", e2e as Config["e2e"] | undefined),
    ...pick("insecure", insecure),
  };
}

/** The flags that say something else than the configuration of a machine that is paired, where they are not used. */
export function strayFlags(flags: PairFlags, config: Config): string[] {
  const stands = new Map<string, unknown>(Object.entries(config));
  return Object.entries(wordsOf(flags))
    .filter(([field, said]) => JSON.stringify(said) !== JSON.stringify(stands.get(field)))
    .map(([field]) => `--${FLAG_OF.get(field) ?? field}`);
}

function slotsOf(text: string): number {
  const slots = /^\d{1,4}$/.test(text.trim()) ? Number(text) : 0;
  if (slots >= 1 && slots <= SLOTS_MOST) return slots;
  const wanted = `must be a whole number from 1 to ${SLOTS_MOST}, of calls and jobs at once`;
  throw new AppError("invalid_request", `--slots ${text}: ${wanted}`);
}

/** `key=value`, or `key` alone for one without a value. */
function labelsOf(pairs: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const [key = "", ...rest] = pair.split("=");
      const label = [key.trim(), rest.join("=").trim()] as const;
      const flaw = labelFlaw(...label);
      if (flaw === undefined) return label;
      const way = "write it like os=linux, or gpu";
      throw new AppError("invalid_request", `--label ${pair}: ${flaw}; ${way}`);
    }),
  );
}
