import type { ProcessSpec } from "../../definition.ts";
import type { Report } from "../../problem.ts";
import { type Fields, readFields } from "../fields/fields.ts";
import { readStarted, START_KEYS } from "./process.ts";

/** What follows a loss. `check`: the probe that a repeated attempt runs first. */
export type LostPolicy = { readonly check?: ProcessSpec; readonly asksOnLost?: true };

/** `on_lost:` with `check:`. */
export function readLostPolicy(
  fields: Fields,
  files: ReadonlySet<string>,
  report: Report,
): LostPolicy {
  const node = fields.get("check");
  const onLost = fields.word("on_lost", ["repeat", "check", "ask"]);
  if (onLost === "check" && node === undefined) {
    const hint = "write check: { command: [...] }, or with entry or script";
    report(fields.keyPlace("on_lost"), "on_lost: check needs a probe under check", hint);
  }
  if (node === undefined) return onLost === "ask" ? { asksOnLost: true } : {};
  if (onLost !== "check")
    report(fields.keyPlace("check"), "check is for on_lost: check", "add on_lost: check");
  const probe = readFields(node, "a check", START_KEYS, report);
  const started = probe && readStarted(probe, "a check", files, report);
  return started === undefined ? {} : { check: { kind: "process", ...started, output: "json" } };
}
