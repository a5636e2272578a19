import {
  type ActionDefinition,
  compileTemplate,
  compileValidator,
  NO_RETRY,
  type ProcessSpec,
  type SecretValues,
} from "@yardmaster/kernel";
import type { Json } from "@yardmaster/protocol";
import { expect, test } from "vitest";
import { errorOf, outputOf, setUp } from "./attempt.fixture.ts";
import { serve } from "./http/http.fixture.ts";
import type { AttemptContext } from "./runner.ts";
import type { ReadSecrets } from "./with-secrets.ts";
import { createWork } from "./work.ts";

const TOKEN = "tök-en/4711 &x";

/** Attempts of actions of the pack `p` that are given secrets. */
function setup(values: SecretValues = { token: TOKEN }) {
  const attempt = setUp();
  const asked: Parameters<ReadSecrets>[] = [];
  const work = createWork(attempt.runner, {
    http: { allow: ["127.0.0.1"] },
    readSecrets: async (...call) => {
      asked.push(call);
      return { values };
    },
  });
  const run = (action: Partial<ActionDefinition>, given: Partial<AttemptContext> = {}) =>
    work(
      {
        ref: "p.a",
        input: compileValidator(true),
        timeoutMs: 10_000,
        retry: NO_RETRY,
        secrets: Object.keys(values),
        ...action,
      } as ActionDefinition,
      attempt.context({ input: { n: 1 }, attempt: 1, ...given }),
    );
  const sh = (script: string, more: Partial<ProcessSpec> = {}, given = {}) =>
    run({ runner: { kind: "process", output: "text", script, ...more } }, given);
  return { ...attempt, asked, run, sh };
}

test("a process has its secrets beside its input, on stdin or in its file, and nowhere else", async () => {
  const { sh, asked, root } = setup();
  const read =
    "JSON.parse(fs.readFileSync(0)); console.log(Object.keys(all), all.secrets.token.length)";
  const result = await sh(
    `cat > got; node -e 'const all = ${read}' < got
    for part in environ cmdline; do tr '\\0' '\\n' < /proc/$$/$part | grep -c '[4]711' || true; done`,
    { cwd: "work" },
  );
  expect(outputOf(result)).toBe(`[ 'n', 'secrets' ] ${TOKEN.length}\n0\n0`);
  expect(asked).toMatchObject([[["token"], { pack: "p", runId: root }]]);
  const file = await sh(
    "stat -c %a \"$YARD_INPUT_FILE\"; node -p 'JSON.parse(fs.readFileSync(process.env.YARD_INPUT_FILE)).secrets.token.length'",
    { inputAs: "file" },
  );
  expect(outputOf(file)).toBe(`600\n${TOKEN.length}`);
});

test("what a process prints of a secret is hidden in log, output and error, and that is told once", async () => {
  const { sh, textOf, logs } = setup();
  const print = "node -p 'JSON.parse(fs.readFileSync(0)).secrets.token'";
  const result = await sh(`t=$(${print}); echo "out $t"; echo "err $t" >&2`);
  expect(outputOf(result)).toBe("out ***");
  expect(textOf("stdout")).toBe("out ***\n");
  expect(textOf("stderr")).toBe(
    "err ***\n[yard] A secret stood in what this attempt gave away; *** is in its place.\n",
  );
  const failed = await sh(`${print} >&2; exit 3`);
  expect(errorOf(failed).message).toBe("The process exited with code 3: ***");
  const broken = await sh(`echo "{ \\"a\\": $(${print})"`, { output: "json" });
  expect(errorOf(broken)).toMatchObject({ code: "invalid_output" });
  expect(JSON.stringify([failed, broken, logs])).not.toMatch(/4711/);
});

test("a secret that is printed in pieces is hidden, and what is printed meanwhile is there at once", async () => {
  const { sh, logged, textOf } = setup({ token: "abcdefghij" });
  const running = sh("printf 'begin abcde'; read -r _ < go || true; printf 'fghij end'", {
    cwd: "work",
    script: "printf 'begin abcde'; while [ ! -e go ]; do sleep 0.05; done; printf 'fghij end'",
  });
  await logged("begin ");
  expect(textOf("stdout")).toBe("begin ");
  await sh("touch go", { cwd: "work" });
  expect(outputOf(await running)).toBe("begin *** end");
});

test("a secret in the JSON of an output is hidden in every form, the rest stays what it is", async () => {
  const { sh } = setup();
  const print =
    'const s = JSON.parse(fs.readFileSync(0)).secrets.token; console.log(JSON.stringify({ s, n: 5, u: encodeURIComponent(s), b: Buffer.from(`user:${s}`).toString("base64"), list: [{ [s]: true }], ascii: "" }).replace("\\"\\"", JSON.stringify(s).replace("ö", "\\\\u00f6")))';
  const result = await sh(`node -e '${print}'`, { output: "json" });
  expect(outputOf(result)).toEqual({
    s: "***",
    n: 5,
    u: "***",
    b: expect.stringMatching(/^dXNlcj[op]\*\*\*.?.?=*$/),
    list: [{ "***": true }],
    ascii: "***",
  });
});

test("a check is given the secrets as well, and hides them", async () => {
  const { run, textOf } = setup();
  const check: ProcessSpec = {
    kind: "process",
    output: "json",
    script:
      "node -p 'const s = JSON.parse(fs.readFileSync(0)).secrets.token; console.error(s); JSON.stringify({ done: true, output: s })'",
  };
  const runner = { kind: "process", output: "text", script: "exit 9" } as const;
  expect(outputOf(await run({ runner, check }, { attempt: 2 }))).toBe("***");
  expect(textOf("stderr")).toMatch(/^\*\*\*\n/);
});

test("an attempt whose secret is not given does not begin", async () => {
  const attempt = setUp();
  const error = { code: "secret_missing", message: "The secret is not set." } as const;
  const work = createWork(attempt.runner, { readSecrets: async () => ({ error }) });
  const action = {
    ...{ ref: "p.a", timeoutMs: 1_000, retry: NO_RETRY, secrets: ["x"] },
    input: compileValidator(true),
    runner: { kind: "process", output: "text", script: "touch begun" } as const,
  };
  let begun = false;
  const onBegun = (): void => {
    begun = true;
  };
  expect(errorOf(await work(action, attempt.context({ onBegun })))).toEqual(error);
  expect(begun).toBe(false);
});

test("an input that takes any field may not have that of the secrets", async () => {
  const { sh, asked } = setup();
  const result = await sh("cat", {}, { input: { secrets: { token: "mine" } } });
  expect(errorOf(result)).toMatchObject({ code: "invalid_input" });
  expect(asked).toEqual([]);
});

test("an attempt that is stopped while its secrets are not to be had yet ends as a stopped one", async () => {
  const attempt = setUp();
  const work = createWork(attempt.runner, {
    readSecrets: async (_, { signal }) => {
      attempt.abort.abort("cancel");
      signal?.throwIfAborted();
      throw new Error("it was not stopped");
    },
  });
  const action = {
    ...{ ref: "p.a", timeoutMs: 1_000, retry: NO_RETRY, secrets: ["x"] },
    input: compileValidator(true),
    runner: { kind: "process", output: "text", script: "true" } as const,
  };
  expect(await work(action, attempt.context())).toMatchObject({ status: "canceled" });
});

/** An http action that asks a server on loopback, which answers with what it was asked. */
async function asking(
  request: { readonly [key: string]: Json },
  answer: (token: string) => { status?: number; type?: string; body: string; location?: string },
) {
  const { asked: seen, origin } = await serve((_, response) => {
    const { status = 200, type = "application/json", ...said } = answer(TOKEN);
    response.writeHead(status, {
      "content-type": type,
      ...(said.location !== undefined && { location: said.location }),
    });
    response.end(said.body);
  });
  const given = { url: `${origin}/`, ...request };
  const template = compileTemplate(given, { variables: { input: true, secrets: true } });
  if (!template.ok) throw new Error(JSON.stringify(template.errors));
  const attempt = setup();
  const result = await attempt.run({ runner: { kind: "http", request: template.value } });
  return { ...attempt, seen, result };
}

test("a request carries its secrets, and the answer is kept without them", async () => {
  const { seen, result, textOf } = await asking(
    {
      method: "POST",
      headers: { authorization: "Bearer ${{ secrets.token.replace('ö', 'o') }}" },
      query: { key: "${{ secrets.token }}" },
      json: { token: "${{ secrets.token }}", n: "${{ input.n }}" },
    },
    (token) => ({ body: JSON.stringify({ you: { sent: token }, n: 1 }) }),
  );
  expect(seen[0]).toMatchObject({
    headers: { authorization: "Bearer tok-en/4711 &x" },
    body: JSON.stringify({ token: TOKEN, n: 1 }),
  });
  expect(new URL(seen[0]?.path ?? "", "http://x").searchParams.get("key")).toBe(TOKEN);
  expect(outputOf(result)).toMatchObject({ status: 200, body: { you: { sent: "***" }, n: 1 } });
  expect(textOf("stderr")).toMatch(/A secret stood in what/);
});

test("an error of a request shows no secret, and none in part", async () => {
  const request = { query: { key: "${{ secrets.token }}" } };
  for (let before = 1_000; before < 1_030; before += 3) {
    const refused = await asking(request, (token) => ({
      status: 500,
      type: "text/plain",
      body: `${"x".repeat(before)}${token}`,
    }));
    const { message } = errorOf(refused.result);
    expect(message.replace(/^.*?: x*/s, "")).toMatch(/^\**$/);
  }
  const broken = await asking(request, (token) => ({ body: `{ "a": "${token}" "b" }` }));
  expect(errorOf(broken.result)).toMatchObject({ code: "invalid_output" });
  expect(JSON.stringify(broken.result)).not.toMatch(/4711/);
});

test("a body with secrets is not taken along to another origin", async () => {
  const { result } = await asking(
    { method: "POST", json: { token: "${{ secrets.token }}" } },
    () => ({ status: 307, body: "", location: "https://elsewhere.example/x" }),
  );
  expect(errorOf(result).message).toMatch(/another origin, and the body may hold secrets/);
});
