import { httpRequestOf } from "@yardmaster/kernel";
import { expect, test } from "vitest";
import { good, problemsOf } from "./compile.fixture.ts";

function action(text: string) {
  return good({ "actions/a.yaml": `action: p.a\n${text}` }).actions.get("p.a");
}

/** What is wrong with the action `p.a`, from its second line on. */
function wrong(text: string): string[] {
  const found = problemsOf({ "actions/a.yaml": `action: p.a\n${text}` });
  return found.map((line) => line.replace("actions/a.yaml:", ""));
}

const PROCESS = "runner: process\nscript: x\n";

test("an action names the secrets that its attempts are given", () => {
  expect(action(`${PROCESS}secrets: [forge_token, npm-key]\n`)?.secrets).toEqual([
    "forge_token",
    "npm-key",
  ]);
  expect(action(`${PROCESS}secrets: []\n`)?.secrets).toBeUndefined();
});

test("a request puts its secrets where its expressions say, and nobody else sees them", () => {
  const spec = action(
    'runner: http\nsecrets: [token, my-key]\nurl: "https://x.test/${{ input.path }}"\nheaders: { authorization: "Bearer ${{ secrets.token }}" }\nquery: { key: "${{ secrets[\'my-key\'] }}" }\ninput: { path: string! }\n',
  );
  if (spec?.runner.kind !== "http") throw new Error("no request");
  const secrets = { token: "t-1", "my-key": "k-1" };
  expect(httpRequestOf(spec.runner, { path: "a" }, secrets)).toMatchObject({
    ok: true,
    request: { headers: { authorization: "Bearer t-1" }, query: { key: "k-1" } },
  });
});

test("a secret that is not named, or named where it is not seen, is told with the way out", () => {
  const http = (secrets: string, more: string) =>
    wrong(`runner: http\n${secrets}url: https://x.test\n${more}\n`);
  expect(http("secrets: [token]\n", 'headers: { a: "${{ secrets.tokn }}" }')).toEqual([
    expect.stringMatching(/^5:\d+: secrets has no field tokn \(did you mean token\?\)/),
  ]);
  const declare =
    /^\d:\d+: there is no variable secrets here \(an action with runner: http declares/;
  expect(http("", 'headers: { a: "${{ secrets.token }}" }')).toEqual([
    expect.stringMatching(declare),
  ]);
  const outside = http(
    "secrets: [token]\n",
    'queue: { name: q, key: "${{ secrets.token }}" }',
  ).filter((line) => declare.test(line));
  expect(outside).toHaveLength(1);
});

test("names of secrets are held to their form, are named once, and are few", () => {
  const hint = "at most 63 of a-z, 0-9, _ and -, beginning with a letter";
  expect(wrong(`${PROCESS}secrets: [Token, "hunter2 hunter2", a, a]\n`)).toEqual([
    `4:11: this is not the name of a secret (${hint})`,
    `4:18: this is not the name of a secret (${hint})`,
    '4:40: the secret "a" is named twice',
  ]);
  const many = Array.from({ length: 33 }, (_, at) => `s${at}`).join(", ");
  expect(wrong(`${PROCESS}secrets: [${many}]\n`)).toEqual([
    "4:10: an action is given 32 secrets at most, not 33 (keep values that belong together in one secret, as JSON)",
  ]);
  expect(wrong(`${PROCESS}secrets: token\n`)).toHaveLength(1);
});

test("a process has room for its secrets beside its input", () => {
  expect(wrong(`${PROCESS}secrets: [a]\ninput: { secrets: string }\n`)).toEqual([
    '5:1: an action with secrets has no input "secrets": its process finds them there (give the input another name)',
  ]);
  expect(wrong(`${PROCESS}secrets: [a]\ninput_schema: { type: string }\n`)).toEqual([
    "5:1: the secrets of a process come beside its input, which must be a map then (write type: object into input_schema)",
  ]);
  expect(
    wrong("runner: http\nurl: https://x.test\nsecrets: [a]\ninput: { secrets: string }\n"),
  ).toEqual([]);
});

test("agents, steps, workflows and rules have none, and are told who has", () => {
  expect(wrong("runner: agent\nagent: claude\nprompt: x\nsecrets: [a]\n")).toEqual([
    expect.stringMatching(
      /^5:1: secrets is for runner: process, http or mcp \(an agent never sees secrets: the key of its provider is in its profile/,
    ),
  ]);
  const files = {
    "workflows/w.yaml":
      "workflow: p.w\nsecrets: [a]\nsteps:\n  - { id: s, uses: core.noop, secrets: [a] }\n",
    "rules/r.yaml": "rule: p.r\non: a.b\nrun: p.w\nsecrets: [a]\n",
  };
  const found = problemsOf(files);
  expect(found).toHaveLength(3);
  for (const line of found) expect(line).toMatch(/an action declares them: actions\/NAME\.yaml/);
});

test("what a step gives is stored: core.http takes no secrets, and says what does", () => {
  const found = problemsOf({
    "workflows/w.yaml":
      'workflow: p.w\nsteps:\n  - id: s\n    uses: core.http\n    with: { url: "https://x.test", headers: { a: "${{ secrets.token }}" } }\n',
  });
  expect(found).toEqual([
    expect.stringMatching(
      /5:\d+: there is no variable secrets here \(an action with runner: http declares them/,
    ),
  ]);
});

test("a source and an agent may have their secret among those of the installation", () => {
  const pack = good({
    "sources/forge.yaml": "source: forge\nkind: gitea\nsecret: { secret: forge_webhook }\n",
  });
  expect(pack.sources).toMatchObject([{ secret: { secret: "forge_webhook" } }]);
  const twice = problemsOf({
    "sources/forge.yaml": "source: forge\nkind: gitea\nsecret: { secret: a, env: B }\n",
  });
  expect(twice).toEqual([
    expect.stringMatching(/a secret is kept in one place: secret, env or file/),
  ]);
});
