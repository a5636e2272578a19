import { isJsonObject, type Json, type JsonObject } from "@yardmaster/protocol";
import type { JsonSchema } from "../schema/index.ts";
import type { ActionDefinition } from "./definition.ts";
import { misfit, type Question } from "./question.ts";

/** `repeat` runs the attempt again, `done` ends it with an output, `fail` fails it. */
export const LOST_DECISIONS = ["repeat", "done", "fail"] as const;
export type LostDecision = (typeof LOST_DECISIONS)[number];

/** Characters of an input and of an item that a person is shown. */
const MAX_SHOWN = 300;

/** An attempt whose worker died. */
export interface LostAttempt {
  /** Name of its slot: `step`, `step#3`. */
  readonly slot: string;
  readonly number: number;
  readonly action: Pick<ActionDefinition, "ref" | "output">;
  /** As it was rendered; a secret is in none. */
  readonly input: Json;
  /** Of a for_each. */
  readonly item?: Json | undefined;
  /** By which what it did can be found where it was done. */
  readonly idempotencyKey: string;
}

/** `on_lost: ask`: what is asked before the attempt that follows one whose worker died. */
export function lostQuestion(lost: LostAttempt): Question {
  const { slot, number, action, input, item, idempotencyKey } = lost;
  const about = [
    ...(item === undefined ? [] : [`Item: ${shown(item)}`]),
    `Input: ${shown(input)}`,
    `Idempotency key: ${idempotencyKey}`,
  ];
  return {
    title: `Attempt ${number} of step "${slot}" was lost`.slice(0, 200),
    prompt: `The worker of attempt ${number} of step "${slot}" (${action.ref}) was stopped or died while it ran. It may have done its work, a part of it, or nothing.\n${about.join("\n")}\nShall it run again (repeat), was it done (done, with its output), or did it fail (fail)?`,
    schema: decisionSchema(action.output?.schema),
    about: "lost",
  };
}

function decisionSchema(output: JsonSchema | undefined): JsonSchema {
  return {
    type: "object",
    properties: {
      decision: {
        type: "string",
        enum: [...LOST_DECISIONS],
        description:
          "repeat: run it again. done: its work was done, output is what it gave. fail: it failed.",
      },
      output: { ...within(output), description: "With done: the output of the attempt." },
    },
    required: ["decision"],
    additionalProperties: false,
  };
}

const REFERS = /"\$(?:ref|dynamicRef|id)":/;

/** What an action declares, as a part of another schema: one that refers to itself leads elsewhere there. */
function within(output: JsonSchema | undefined): JsonObject {
  if (!isJsonObject(output) || REFERS.test(JSON.stringify(output))) return {};
  return output;
}

function shown(value: Json): string {
  const text = JSON.stringify(value);
  return text.length <= MAX_SHOWN ? text : `${text.slice(0, MAX_SHOWN)}…`;
}

export interface Decided {
  readonly decision: LostDecision;
  /** With `done`. */
  readonly output: Json;
}

/** Of an answer that fits the question's schema. */
export function readDecision(answer: Json): Decided {
  const given = isJsonObject(answer) ? answer : {};
  const decision = LOST_DECISIONS.find((word) => word === given["decision"]) ?? "fail";
  return { decision, output: given["output"] ?? null };
}

/** Whether what a person says the action gave is what it declares. @throws AppError `invalid_input` */
export function checkDecision({ output }: Pick<ActionDefinition, "output">, answer: Json): void {
  const decided = readDecision(answer);
  if (decided.decision !== "done" || output === undefined) return;
  const checked = output.validate(decided.output);
  if (checked.ok) return;
  throw misfit(checked.errors, "the output is not what the action declares", "/output");
}
