import type { Json } from "@yardmaster/protocol";
import type { Scope, Template } from "../expressions/index.ts";
import type { ActionDefinition, WorkflowDefinition } from "./definition.ts";

/** Id of the only step of a run that was started by an action's ref. */
export const ACTION_STEP = "action";

/** A run of one action is a workflow of one step: the engine knows one kind of run. */
export function actionAsWorkflow(action: ActionDefinition): WorkflowDefinition {
  return {
    ref: action.ref,
    kind: "action",
    input: action.input,
    steps: [
      {
        id: ACTION_STEP,
        needs: [],
        action,
        with: pick((scope) => scope["input"] as Json),
        retry: action.retry,
        timeoutMs: action.timeoutMs,
        ...(action.queue === undefined ? {} : { queue: action.queue }),
        ...(action.priority === undefined ? {} : { priority: action.priority }),
        ...(action.on === undefined ? {} : { on: action.on }),
        ...(action.idempotencyKey === undefined ? {} : { idempotencyKey: action.idempotencyKey }),
        onError: "fail",
      },
    ],
    output: pick(
      (scope) => (scope["steps"] as { action: { output?: Json } }).action.output ?? null,
    ),
  };
}

function pick(read: (scope: Scope) => Json): Template {
  return { constant: false, render: (scope) => ({ ok: true, value: read(scope) }) };
}
