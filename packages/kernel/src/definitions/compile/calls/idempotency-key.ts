import type { Template } from "../../../expressions/index.ts";
import type { RunnerSpec } from "../../definition.ts";
import type { Report } from "../../problem.ts";
import { readTemplate } from "../fields/expressions.ts";
import type { Fields } from "../fields/fields.ts";
import type { Visible } from "../fields/visible.ts";

const KEYED: readonly RunnerSpec["kind"][] = ["process", "agent", "http", "mcp", "tracker"];

/** `idempotency_key`: what its receivers know the work by, in place of the run's id and the step's. */
export function readIdempotencyKey(
  owner: Fields,
  kind: RunnerSpec["kind"] | undefined,
  visible: Visible,
  report: Report,
): Template | undefined {
  const node = owner.get("idempotency_key");
  if (node === undefined) return undefined;
  if (kind !== undefined && !KEYED.includes(kind)) {
    const hint =
      "processes, agents, HTTP requests and tools hand it on: say it at the steps that are these";
    report(owner.keyPlace("idempotency_key"), "nobody would be handed this key", hint);
    return undefined;
  }
  const template = readTemplate(node, visible, report);
  if (template?.constant !== true) return template;
  const hint = 'write what tells one work from another: "pay-${{ input.invoice }}"';
  report(node.place, "idempotency_key would be the same for every run", hint);
  return undefined;
}
