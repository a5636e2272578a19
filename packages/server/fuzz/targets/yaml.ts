import { createProblemList, type DocumentNode, formatProblem, jsonOf } from "@yardmaster/kernel";
import { parseYaml } from "../../src/packs/yaml/yaml-document.ts";
import { type FuzzTarget, must, mustBeInside, wordFor } from "../target.ts";

const FILE = "workflows/a.yaml";

/** A definition file as YAML: a document in which everything knows its place, or what is wrong with it. */
export const yamlTarget: FuzzTarget = {
  name: "yaml",
  limitMs: 3_000,
  seeds: [
    'workflow: t.a\nsteps:\n  - id: one\n    uses: core.echo\n    with: { text: "a ${{ input.b }}" }\n',
    "a: &x [1, 2.5, -3, 1e3, true, null, ~]\nb: *x\n? c\n: |\n  line\n    more\n\n",
    "script: >-\n  folded\n  text\nif: '!has(a) # b'\nd: \"\\u00e9\\x41\\n\"\n",
    "%YAML 1.2\n---\na: !!str 1\nb: !custom x\n...\n",
    "- - - a\n  - b: {c: d, e: [f, {g: h}]}\n",
  ],
  words: [
    "---\n",
    "...\n",
    "&a ",
    "*a",
    "!!int ",
    "!x",
    "<<: ",
    "|\n ",
    ">+2\n",
    "? ",
    ": ",
    "- ",
    "# ",
    "\\",
    "\n  ",
  ],
  run(input) {
    const problems = createProblemList();
    const root = parseYaml(FILE, input, problems.report);
    const text = input.toString("utf8").replace(/^\ufeff/, "");
    for (const problem of problems.sorted()) {
      must(problem.file === FILE, "a problem is of another file", problem.file);
      mustBeInside(text, problem, formatProblem(problem));
    }
    if (root === undefined) {
      const [first] = problems.sorted();
      must(first !== undefined, "nothing was read and nothing reported");
      return wordFor(first.message);
    }
    mustKnowPlaces(root, text);
    JSON.stringify(jsonOf(root));
    return `${root.kind} ${wordFor(problems.sorted()[0]?.message ?? "good")}`;
  },
};

function mustKnowPlaces(node: DocumentNode, text: string): void {
  mustBeInside(text, node.place, `a ${node.kind}`);
  if (node.kind === "list") for (const item of node.items) mustKnowPlaces(item, text);
  if (node.kind === "map") {
    for (const [key, { keyPlace, value }] of node.entries) {
      mustBeInside(text, keyPlace, `the key ${key}`);
      mustKnowPlaces(value, text);
    }
  }
  if (node.kind !== "scalar" || typeof node.value !== "string") return;
  for (const offset of [0, node.value.length >> 1, node.value.length])
    mustBeInside(text, node.inside(offset), `character ${offset} of ${JSON.stringify(node.value)}`);
}
