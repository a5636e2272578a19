import { isJsonObject, type Json } from "@yardmaster/protocol";
import type { JsonSchema } from "../schema/index.ts";
import type { ActionDefinition } from "./definition.ts";
import { misfit, type Question } from "./question.ts";

/** `repeat` runs the attempt again, `done` ends it with an output, `fail` fails it. */
export const LOST_DECISIONS = ["repeat", "done", "fail"] as const;
export type LostDecision = (typeof LOST_DECISIONS)[number];

const SCHEMA: JsonSchema = {
  type: "object",
  properties: {
    decision: {
      type: "string",
      enum: [...LOST_DECISIONS],
      description:
        "repeat: run it again. done: its work was done, output is what it gave. fail: it failed.",
    },
    output: { description: "With done: the output of the attempt." },
  },
  required: ["decision"],
  additionalProperties: false,
};

/** `on_lost: ask`: what is asked before the attempt that follows one whose worker died. */
export function lostQuestion(step: string, ref: string, lost: number): Question {
  return {
    title: `Attempt ${lost} of step "${step}" was lost`.slice(0, 200),
    prompt: `The worker of attempt ${lost} of step "${step}" (${ref}) died while it ran. It may have done its work, a part of it, or nothing. Shall it run again (repeat), was it done (done, with its output), or did it fail (fail)?`,
    schema: SCHEMA,
    about: "lost",
  };
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
