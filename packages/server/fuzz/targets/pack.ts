import { formatProblem } from "@yardmaster/kernel";
import { compileFiles } from "../../src/packs/compile/compile-files.ts";
import { type PackFile, sha256 } from "../../src/packs/digest.ts";
import { schemaErrors } from "../../src/packs/schema/published-schema.fixture.ts";
import { atOnce } from "../../src/slices.ts";
import { type FuzzTarget, must, mustBeInside, wordFor } from "../target.ts";

const DIGEST = "0".repeat(64);
const HEADER = /^=== (.+)$/m;

const MANIFEST = "=== pack.yaml\npack: t\nversion: 1.0.0\n";

/** The files of a pack, in one text with a line `=== path` before each. */
export const packTarget: FuzzTarget = {
  name: "pack",
  limitMs: 2_000,
  seeds: [
    `${MANIFEST}=== actions/a.yaml
action: t.a
runner: process
entry: a.py
input: { n: integer!, list: "string[]", o: { type: object, required: true } }
output: { ok: boolean! }
timeout: 1m
retry: { attempts: 3, backoff: exponential, delay: 1s, max_delay: 1m }
queue: q
=== a.py
print(1)
=== queues/q.yaml
queue: q
concurrency: 2
`,
    `${MANIFEST}=== workflows/w.yaml
workflow: t.w
input: { people: "string[]!", delay: { type: duration, default: 0s } }
steps:
  - id: each
    for_each: input.people
    concurrency: 5
    uses: core.echo
    with: { message: "hello \${{ item }}" }
    retry: { attempts: 3 }
  - id: last
    needs: [each]
    if: size(steps.each.output) > 3 && !has(steps.each.output)
    uses: core.sleep
    with: { duration: "\${{ input.delay }}" }
output: { sent: "\${{ steps.last.status == 'success' }}" }
`,
    `${MANIFEST}=== rules/r.yaml
rule: t.r
on: github.pull_request
if: event.data.action in ["opened"] && event.data.number > 1
run: core.echo
with: { a: ["\${{ event.data.issue.title }}"] }
=== sources/s.yaml
source: s
kind: github
secret: { env: S }
`,
    `${MANIFEST}=== actions/h.yaml
action: t.h
runner: http
method: POST
url: "https://example.test/\${{ input.a }}"
input: { a: string! }
`,
  ],
  words: [
    "repeat:",
    "until:",
    "batch:",
    "on_error: continue",
    "on_failure:",
    "finally:",
    "undo:",
    "save_as: x",
    "vars:",
    "with:",
    "uses:",
    "needs: []",
    "for_each:",
    "item",
    "steps.",
    "input.",
    "event.data",
    "${{ ",
    " }}",
    "core.set",
    "core.log",
    "core.http",
    "script: |\n  ",
    "command: [a]",
    "shell:",
    "on_lost: check",
    "idempotency_key:",
    "priority: 1",
    "input_schema:",
    "output_schema:",
    "\n  - id: x\n    uses: ",
    "\n=== rules/x.yaml\n",
    "\n=== ../x.yaml\n",
    "$ref",
    "properties",
    "pattern",
    "\n",
  ],
  run(input) {
    const contents = filesOf(input.toString("utf8"));
    // A folder without it is not taken for a pack.
    if (!contents.has("pack.yaml")) return "no pack";
    const files = [...contents].map(([path, content]) => fileOf(path, content));
    const compile = () =>
      atOnce(compileFiles(DIGEST, files, ({ path }) => contents.get(path) ?? Buffer.alloc(0)));
    const { pack, problems } = compile();
    must((pack === undefined) === problems.length > 0, "a pack is good where it has no problems");
    for (const problem of problems) {
      must(problem.message !== "", "a problem says nothing");
      const text = contents.get(problem.file)?.toString("utf8");
      if (text === undefined) must(problem.file === "pack.yaml", "an unknown file", problem);
      else mustBeInside(text.replace(/^\ufeff/, ""), problem, formatProblem(problem));
    }
    for (const [path, content] of pack === undefined ? [] : contents)
      must(
        schemaErrors(path, content.toString("utf8")).length === 0,
        "only the schema refuses",
        path,
      );
    const again = compile().problems.map(formatProblem).join("\n");
    must(problems.map(formatProblem).join("\n") === again, "compiling again tells something else");
    const [first] = problems;
    return first === undefined ? `good ${pack?.workflows.size}` : wordFor(first.message);
  },
};

function filesOf(text: string): Map<string, Buffer> {
  const [, ...parts] = text.split(HEADER);
  const files = new Map<string, Buffer>();
  for (let i = 0; i < parts.length; i += 2)
    files.set((parts[i] as string).trim(), Buffer.from((parts[i + 1] as string).slice(1)));
  return files;
}

function fileOf(path: string, content: Buffer): PackFile {
  return { path, executable: false, bytes: content.length, sha256: sha256(content) };
}
