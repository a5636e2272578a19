/** What `yard` is asked by, and the tool that does the same: whoever has only tools cannot follow the one. */
const TOOLS: readonly (readonly [command: RegExp, tool: string])[] = [
  [/`?yard packs`?/g, "list_actions and list_workflows"],
  [/`?yard actions`?/g, "list_actions"],
  [/`?yard workflows`?/g, "list_workflows"],
  [/`?yard node list`?/g, "list_nodes"],
  [/`?yard explain (\S+?)(?=[`,;)\s]|\.?$)`?/g, "explain with id $1"],
  [/`?yard retry (\S+?)(?=[`,;)\s]|\.?$)`?/g, "retry_run with id $1"],
  [/`?yard cancel (\S+?)(?=[`,;)\s]|\.?$)`?/g, "cancel_run with id $1"],
  [/`?yard tasks pause (\S+?)(?=[`,;)\s]|\.?$)`?/g, "pause_task with id $1"],
];

/** A text of the API in the words of those who have its tools. Commands that no tool does stay: a person can run them. */
export function inToolWords(text: string): string {
  if (!text.includes("yard ")) return text;
  return TOOLS.reduce((said, [command, tool]) => said.replace(command, tool), text);
}
