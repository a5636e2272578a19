/** The files of a first pack, by their paths from its folder: an action, a workflow that calls it, a rule. */
export function firstPack(name: string): { readonly [path: string]: string } {
  return {
    "pack.yaml": `${schemaLine("pack", ".")}
pack: ${name}
version: 1.0.0
description: A first pack.
`,
    "actions/hello.yaml": `${schemaLine("action")}
# An action is a program with an input and an output: JSON comes on stdin, JSON is printed.
action: ${name}.hello
description: Greets one person.
runner: process
entry: code/hello.mjs # from the folder of the pack
input:
  name: string! # the exclamation mark says required
output:
  greeting: string!
timeout: 30s
`,
    "code/hello.mjs": `import { text } from "node:stream/consumers";

const input = JSON.parse(await text(process.stdin));
console.error("greeting", input.name); // stderr is the log
console.log(JSON.stringify({ greeting: \`Hello, \${input.name}!\` }));
`,
    "workflows/greet.yaml": `${schemaLine("workflow")}
# A workflow is a graph of steps. \${{ }} holds expressions; what stands in if and for_each is one.
workflow: ${name}.greet
description: Greets everybody.
input:
  people: string[]!
steps:
  - id: each
    for_each: input.people
    concurrency: 4
    uses: ${name}.hello
    with: { name: "\${{ item }}" }
    retry: { attempts: 3 }
output:
  greetings: \${{ steps.each.output.map(one, one.greeting) }}
`,
    "rules/on-arrival.yaml": `${schemaLine("rule")}
# A rule starts a run when an event comes in and its condition holds.
rule: ${name}.on-arrival
on: ${name}.arrival
if: event.data.name != ""
run: ${name}.greet
with: { people: ["\${{ event.data.name }}"] }
`,
  };
}

/** By this line editors with a YAML language server complete and check the file. */
function schemaLine(kind: string, up = ".."): string {
  return `# yaml-language-server: $schema=${up}/.schemas/${kind}.json`;
}
