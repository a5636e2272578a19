import type { ActionDefinition, WorkflowDefinition } from "@yardmaster/kernel";
import { type Action, formatDuration, type Json, type Workflow } from "@yardmaster/protocol";

/** What of its pack a definition is shown with. */
export interface FromPack {
  readonly pack: string;
  readonly digest: string | null;
  readonly description: string | undefined;
  readonly asTool: boolean;
}

export function actionView(action: ActionDefinition, from: FromPack): Action {
  return {
    ref: action.ref,
    pack: from.pack,
    description: from.description ?? null,
    runner: action.runner.kind,
    input_schema: action.input.schema as Json,
    output_schema: (action.output?.schema as Json | undefined) ?? null,
    timeout: formatDuration(action.timeoutMs),
    attempts: action.retry.attempts,
    queue: action.queue?.name ?? null,
    as_tool: from.asTool,
    pack_digest: from.digest,
  };
}

export function workflowView(workflow: WorkflowDefinition, from: FromPack): Workflow {
  return {
    ref: workflow.ref,
    pack: from.pack,
    description: from.description ?? null,
    input_schema: workflow.input.schema as Json,
    steps: workflow.steps.map(({ id, action, needs }) => ({
      id,
      uses: action.ref,
      needs: [...needs],
    })),
    timeout: workflow.timeoutMs === undefined ? null : formatDuration(workflow.timeoutMs),
    as_tool: from.asTool,
    pack_digest: from.digest,
  };
}
