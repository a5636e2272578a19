import { actionAsWorkflow, type PackDefinition, type WorkflowDefinition } from "@yardmaster/kernel";

const made = new WeakMap<PackDefinition, Map<string, WorkflowDefinition>>();

/**
 * What a ref of a pack runs: its workflow, or its action as one. For the same compiled pack always the same
 * object, so that what is remembered of a definition holds for all its runs.
 */
export function calledWorkflow(pack: PackDefinition, ref: string): WorkflowDefinition | undefined {
  const workflow = pack.workflows.get(ref);
  if (workflow !== undefined) return workflow;
  const action = pack.actions.get(ref);
  if (action === undefined) return undefined;
  const ofPack = made.get(pack) ?? new Map<string, WorkflowDefinition>();
  made.set(pack, ofPack);
  const wrapped = ofPack.get(ref) ?? actionAsWorkflow(action);
  ofPack.set(ref, wrapped);
  return wrapped;
}
