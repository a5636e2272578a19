import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { good } from "./compile.fixture.ts";

/** The examples of a page that name their file in a first line `# actions/x.yaml`. */
function examplesOf(page: string): { readonly [path: string]: string } {
  const text = readFileSync(
    fileURLToPath(new URL(`../../../../docs/${page}`, import.meta.url)),
    "utf8",
  );
  const found = text.matchAll(/^```yaml\n# ([a-z]+\/\S+\.yaml)\n([\s\S]*?)^```$/gm);
  return Object.fromEntries([...found].map(([, path = "", content = ""]) => [path, content]));
}

test.each(["http-requests.md", "processes.md"])(
  "every definition in docs/%s is a good one",
  (page) => {
    const examples = examplesOf(page);
    expect(Object.keys(examples)).toHaveLength(2);
    const pack = good({ "pack.yaml": "pack: mine\nversion: 1.0.0\n", ...examples });
    expect(pack.actions.size + pack.workflows.size).toBe(2);
  },
);
