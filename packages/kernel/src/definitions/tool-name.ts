/** The longest that clients and the providers of models take. */
export const MAX_TOOL_NAME = 64;

/** What an action or a workflow is called as a tool: names have no dot where a model's provider takes none. */
export function toolNameOf(ref: string): string {
  return ref.replaceAll(".", "__");
}
