import type { CoreSpec } from "@yardmaster/kernel";
import { isJsonObject, type Json } from "@yardmaster/protocol";
import { type AttemptResult, NOTHING_RAN } from "./runner.ts";

/** What `CORE_ACTIONS` of the kernel has with a runner of this kind: done in the worker itself, without I/O. */
export type CoreAction = `core.${CoreSpec["name"]}`;

const NOOP: AttemptResult = { status: "success", output: null, facts: NOTHING_RAN };

/** Carries out a core action at once; `core.fail` fails with `action_failed`. Never throws. */
export function runCore(name: CoreAction, input: Json): AttemptResult {
  switch (name) {
    case "core.echo":
    case "core.set":
      return { status: "success", output: input, facts: NOTHING_RAN };
    case "core.noop":
      return NOOP;
    case "core.fail": {
      const given = isJsonObject(input) ? input["message"] : undefined;
      const message =
        typeof given === "string" && given !== "" ? bounded(given) : "core.fail was called.";
      return { status: "failed", error: { code: "action_failed", message }, facts: NOTHING_RAN };
    }
  }
}

/** A message stands with its run in every list. */
const MESSAGE_CHARS = 8_192;

function bounded(message: string): string {
  if (message.length <= MESSAGE_CHARS) return message;
  const start = message.slice(0, MESSAGE_CHARS).toWellFormed();
  return `${start}… (cut here: it has ${message.length} characters, all of them in the input of the step)`;
}
