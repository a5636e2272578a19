import type { ProcessSpec } from "../../definition.ts";
import type { Report } from "../../problem.ts";
import { type Fields, readFields } from "../fields/fields.ts";
import { readStarted, START_KEYS } from "./process.ts";

/** `on_lost:` with `check:`: the probe that a repeated attempt runs first, where the action has one. */
export function readLostPolicy(
  fields: Fields,
  files: ReadonlySet<string>,
  report: Report,
): ProcessSpec | undefined {
  const node = fields.get("check");
  const onLost = fields.word("on_lost", ["repeat", "check", "ask"]);
  if (onLost === "ask") {
    const hint = "use on_lost: check with a probe, or repeat";
    const place = fields.get("on_lost")?.place ?? fields.place;
    report(place, "on_lost: ask needs inquiries, which this version does not have", hint);
  }
  if (onLost === "check" && node === undefined) {
    const hint = "write check: { command: [...] }, or with entry or script";
    report(fields.keyPlace("on_lost"), "on_lost: check needs a probe under check", hint);
  }
  if (node === undefined) return undefined;
  if (onLost !== "check")
    report(fields.keyPlace("check"), "check is for on_lost: check", "add on_lost: check");
  const probe = readFields(node, "a check", START_KEYS, report);
  const started = probe && readStarted(probe, "a check", files, report);
  return started && { kind: "process", ...started, output: "json" };
}
