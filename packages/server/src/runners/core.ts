import { isJsonObject, type Json } from "@yardmaster/protocol";
import type { AttemptFacts, AttemptResult } from "./runner.ts";

/** The actions that are carried out in the worker itself, without I/O. Schemas in the short form, or whole. */
export const CORE_ACTIONS = {
  "core.echo": {
    description: "Returns its input as it is.",
    input_schema: { type: "object", additionalProperties: true },
    output_schema: { type: "object", additionalProperties: true },
  },
  "core.set": {
    description: "Returns its input, to be kept by save_as.",
    input_schema: { type: "object", additionalProperties: true },
    output_schema: { type: "object", additionalProperties: true },
  },
  "core.noop": {
    description: "Does nothing and returns null.",
    input: {},
    output_schema: { type: "null" },
  },
  "core.fail": {
    description: "Fails with the given message.",
    input: { message: "string!" },
    output_schema: { type: "null" },
  },
} as const;

export type CoreAction = keyof typeof CORE_ACTIONS;

export function isCoreAction(name: string): name is CoreAction {
  return Object.hasOwn(CORE_ACTIONS, name);
}

const NO_WORK: AttemptFacts = { durationMs: 0, stdoutBytes: 0, stderrBytes: 0 };
const NOOP: AttemptResult = { status: "success", output: null, facts: NO_WORK };

/** Carries out a core action at once; `core.fail` fails with `action_failed`. Never throws. */
export function runCore(name: CoreAction, input: Json): AttemptResult {
  switch (name) {
    case "core.echo":
    case "core.set":
      return { status: "success", output: input, facts: NO_WORK };
    case "core.noop":
      return NOOP;
    case "core.fail": {
      const given = isJsonObject(input) ? input["message"] : undefined;
      const message = typeof given === "string" && given !== "" ? given : "core.fail was called.";
      return { status: "failed", error: { code: "action_failed", message }, facts: NO_WORK };
    }
  }
}
