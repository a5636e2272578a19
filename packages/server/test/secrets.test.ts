import { type ChildProcess, spawn } from "node:child_process";
import { createHmac } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it, onTestFinished, vi } from "vitest";
import { serve } from "../src/runners/http/http.fixture.ts";
import { type Server, startServer } from "../src/server.ts";
import { readSettings } from "../src/settings/index.ts";
import { createLogger } from "../src/telemetry/index.ts";
import { createTestDatabase, type TestDatabase } from "./test-database.ts";

const ADMIN = "chosen-by-automation-7";
/** With what JSON, URLs and forms write in another way. */
const VALUE = 'n0body-"sees"/th&s-välue zqxjkv';
const NODE = fileURLToPath(new URL("../../node/bin/yard-node.js", import.meta.url));

/** Prints its secrets wherever it can. */
const LEAKY = `
import { appendFileSync, readFileSync } from "node:fs";
const { secrets, fail } = JSON.parse(readFileSync(0, "utf8"));
const secret = secrets.token;
console.error("plain", secret, "json", JSON.stringify({ secret }), "url", encodeURIComponent(secret));
process.stderr.write(secret.slice(0, 9));
await new Promise((resolve) => setTimeout(resolve, 50));
process.stderr.write(secret.slice(9) + "\\n");
if (fail) {
  console.error("Error: refused " + secret);
  process.exit(3);
}
console.log(JSON.stringify({ secret, [secret]: [Buffer.from("ada:" + secret).toString("base64")], chars: secret.length }));
`;

const PACK = {
  "pack.yaml": "pack: s\nversion: 1.0.0\n",
  "leaky.mjs": LEAKY,
  "actions/leaky.yaml":
    "action: s.leaky\nrunner: process\nentry: leaky.mjs\nsecrets: [token]\ninput: { fail: boolean }\noutput_schema: { type: object }\n",
  "actions/kept.yaml":
    'action: s.kept\nrunner: process\nscript: |\n  cat > /dev/null; tr "\\0" "\\n" < /proc/$$/environ >&2; tr "\\0" " " < /proc/$$/cmdline >&2\nsecrets: [token]\nstdout: none\n',
  "actions/length.yaml":
    "action: s.length\nrunner: process\nscript: |\n  node -p 'JSON.parse(fs.readFileSync(0)).secrets.token.length'\nsecrets: [token]\noutput_schema: { type: integer }\nretry: { attempts: 3, delay: 10ms }\n",
  "actions/rotated.yaml":
    'action: s.rotated\nrunner: process\nscript: |\n  node -p \'JSON.parse(fs.readFileSync(0)).secrets.token.length\' >> "$HOME/lengths"\n  [ "$YARD_ATTEMPT" != 1 ]\nsecrets: [token]\nstdout: none\nretry: { attempts: 2, delay: 1s }\n',
  "actions/ask.yaml":
    'action: s.ask\nrunner: http\nmethod: POST\nurl: "http://127.0.0.1:${{ input.port }}/there"\nsecrets: [token, other-key]\nheaders: { x-key: "Key ${{ secrets[\'other-key\'] }}" }\njson: { token: "${{ secrets.token }}" }\ninput: { port: integer! }\n',
  "actions/far.yaml":
    "action: s.far\nrunner: process\nscript: |\n  stat -c %a \"$YARD_INPUT_FILE\"\n  node -p 'JSON.parse(fs.readFileSync(process.env.YARD_INPUT_FILE)).secrets.token'\ninput_as: file\nsecrets: [token]\nstdout: text\non: { node: far }\n",
  "workflows/both.yaml":
    'workflow: s.both\nsteps:\n  - { id: one, uses: s.leaky }\n  - { id: two, uses: core.echo, with: { got: "${{ steps.one.output.secret }}" } }\noutput: { got: "${{ steps.two.output.got }}" }\n',
  "sources/forge.yaml": "source: forge\nkind: gitea\nsecret: { secret: forge_webhook }\n",
};

let db: TestDatabase;
let server: Server;
let url: string;
const lines: string[] = [];
const folder = mkdtempSync(join(tmpdir(), "yard-secrets-"));

beforeAll(async () => {
  for (const [path, text] of Object.entries(PACK)) {
    const file = join(folder, "packs/s", path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  vi.stubEnv("HOME", folder);
  db = await createTestDatabase();
  const settings = readSettings(
    [],
    {
      ...{ DATABASE_URL: db.url, YARD_DATA: folder, YARD_PORT: "0", YARD_ADMIN_TOKEN: ADMIN },
      ...{ YARD_PACKS: join(folder, "packs"), YARD_HTTP_ALLOW: "127.0.0.1" },
    },
    folder,
  );
  const log = createLogger({ level: "debug", write: (line) => lines.push(line) });
  server = await startServer(settings, log);
  url = server.api?.url ?? "";
});
afterAll(async () => {
  await server?.close();
  await db?.drop();
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

async function ask(method: string, path: string, body?: unknown, token = ADMIN) {
  const response = await fetch(url + path, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body !== undefined && { "content-type": "application/json" }),
      prefer: "wait=15",
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, text, body: text === "" ? null : JSON.parse(text) };
}

const set = (name: string, value: string, more: object = {}) =>
  ask("PUT", `/v1/secrets/${name}`, { value, ...more });
const run = async (ref: string, input: object = {}) =>
  (await ask("POST", "/v1/runs", { ref, input })).body;
const logOf = async (id: string): Promise<string> =>
  (await ask("GET", `/v1/runs/${id}/logs`)).body
    .map(({ text, line }: { text?: string; line?: string }) => text ?? line)
    .join("\n");

/** What gives the value away, in whatever a place holds. */
function findIn(text: string): string | undefined {
  const json = JSON.stringify(VALUE).slice(1, -1);
  const base64 = Buffer.from(VALUE).toString("base64").slice(4, 20);
  const forms = [VALUE, json, encodeURIComponent(VALUE), base64, JSON.stringify(json), "zqxjkv"];
  return forms.find((form) => text.includes(form));
}

/** Every place of the database that holds the value in any form. */
async function findInDatabase(): Promise<string[]> {
  const { pool } = db.database;
  const { rows } = await pool.query<{ name: string }>(
    "SELECT quote_ident(relname) AS name FROM pg_class WHERE relkind IN ('r', 'm') AND relnamespace = current_schema()::regnamespace",
  );
  const found: string[] = [];
  let seen = 0;
  for (const { name } of rows) {
    // Bytes are shown as they are, not in hex.
    const table = await pool.query<{ row: string; bytes: string | null }>(
      `SELECT t::text AS row, (SELECT string_agg(encode(decode(substr(m[1], 3), 'hex'), 'escape'), ' ')
         FROM regexp_matches(t::text, '(\\\\x[0-9a-f]{2,})', 'g') AS m) AS bytes FROM ${name} AS t`,
    );
    seen += table.rows.length;
    for (const { row, bytes } of table.rows)
      if (findIn(`${row} ${bytes ?? ""}`) !== undefined) found.push(`${name}: ${row}`);
  }
  expect(seen).toBeGreaterThan(20);
  return found;
}

it("a secret is set, listed and described, kept encrypted, and shown by nothing", async () => {
  const made = await set("token", VALUE, { description: "Of the forge." });
  expect(made).toMatchObject({
    status: 201,
    body: { name: "token", revision: 1, status: "ok", packs: null, created_by: "token:admin" },
  });
  expect(made.body.used_by).toContainEqual({
    ...{ kind: "action", ref: "s.leaky", pack: "s", allowed: true },
  });
  const again = await set("token", VALUE);
  expect(again).toMatchObject({
    status: 200,
    body: { revision: 2, description: "Of the forge." },
  });
  const changed = await ask("PATCH", "/v1/secrets/token", { packs: ["s"] });
  expect(changed.body).toMatchObject({ packs: ["s"], revision: 2, description: "Of the forge." });
  const list = await ask("GET", "/v1/secrets");
  expect(list.body.map(({ name }: { name: string }) => name)).toEqual(["token"]);
  const { rows } = await db.database.pool.query("SELECT sealed FROM secrets");
  expect(rows).toEqual([{ sealed: expect.stringMatching(/^v1\.[\w-]{8}\./) }]);
  for (const { text } of [made, again, changed, list]) expect(findIn(text)).toBeUndefined();
});

it("who may read secrets sets none, and others see none of them", async () => {
  const { body } = await ask("POST", "/v1/tokens", { name: "reader", scopes: ["secrets:read"] });
  expect((await ask("GET", "/v1/secrets/token", undefined, body.token)).status).toBe(200);
  expect((await ask("PUT", "/v1/secrets/token", { value: "x" }, body.token)).status).toBe(403);
  expect((await ask("DELETE", "/v1/secrets/token", undefined, body.token)).status).toBe(403);
  const other = await ask("POST", "/v1/tokens", { name: "other", scopes: ["sources:read"] });
  expect((await ask("GET", "/v1/secrets", undefined, other.body.token)).status).toBe(403);
});

it("a value that cannot be one is refused, and not repeated", async () => {
  const refused = await Promise.all([
    ask("PUT", "/v1/secrets/x", { value: 47114711 }),
    ask("PUT", "/v1/secrets/x", { value: `4711\u0000` }),
    ask("PUT", "/v1/secrets/x", { value: "" }),
    ask("PUT", "/v1/secrets/x", { value: "4711".repeat(16 * 1024 + 1) }),
    ask("PUT", "/v1/secrets/x", { value: "4711", packs: [] }),
  ]);
  for (const { status, text } of refused) {
    expect(status).toBe(400);
    expect(text).not.toContain("4711");
  }
  const misnamed = await set("X", "4711");
  expect(misnamed).toMatchObject({ status: 400, body: { errors: [{ path: "/name" }] } });
  expect(misnamed.body.detail).toContain("must be 1 to 63 of a-z");
  expect((await ask("GET", "/v1/secrets/X")).status).toBe(404);
  expect((await set("x", "4711".repeat(16 * 1024))).status).toBe(201);
  expect((await ask("DELETE", "/v1/secrets/x")).status).toBe(204);
  expect((await ask("DELETE", "/v1/secrets/x")).status).toBe(404);
});

it("of a body that is none, no route that takes a secret repeats anything", async () => {
  const bodies = [
    '"hunter22-4711"',
    '["hunter22-4711"]',
    '{"secret_value":"hunter22-4711","description":{"hunter22-4711":1}}',
    '{"hunter22-4711":"x","name":["hunter22-4711"],"kind":"hunter22-4711 "}',
    '{"value":"x","value":"hunter22-4711","hunter22-4711":1,"hunter22-4711":2}',
    "hunter22-4711",
    "4711471147114711471147114711",
    '{"value":"hunter22-4711',
    '{"hunter22-4711":"\\u0000"}',
    '{"hunter22-4711":{"__proto__":1}}',
    '{"packs":"hunter22-4711","previous_valid_for":"hunter22-4711","token":5,"name":"hunter22-4711 "}',
  ];
  const routes = [
    ["PUT", "/v1/secrets/x"],
    ["PATCH", "/v1/secrets/x"],
    ["POST", "/v1/sources"],
    ["POST", "/v1/sources/forge/rotate"],
    ["POST", "/v1/nodes/pair"],
  ] as const;
  for (const [method, path] of routes)
    for (const body of bodies) {
      const headers = { authorization: `Bearer ${ADMIN}`, "content-type": "application/json" };
      const response = await fetch(url + path, { method, headers, body });
      const text = await response.text();
      expect([path, body, response.status, text]).toEqual([path, body, 400, expect.anything()]);
      expect(text).not.toMatch(/hunter22|4711/);
    }
  expect(lines.filter((line) => line.includes("hunter22"))).toEqual([]);
  const { body } = await ask("PUT", "/v1/secrets/x", "hunter22-4711");
  expect(body.errors).toEqual([
    { path: "", message: "must be of type object", expected: "object", got: "string" },
  ]);
  const listed = await ask("PUT", "/v1/secrets/x", { value: ["a"], vlaue: "b" });
  expect(listed.body.errors).toEqual([
    expect.objectContaining({ path: "/value", got: "list" }),
    {
      ...{ path: "", message: "has a field that is not known here" },
      expected: "one of value, description, packs",
      hint: "Did you mean value?",
    },
  ]);
});

it("a run uses it and prints it wherever it can, and it is stored, shown and logged nowhere", async () => {
  const good = await run("s.both");
  expect(good).toMatchObject({ status: "success", output: { got: "***" } });
  const bad = await run("s.leaky", { fail: true });
  expect(bad).toMatchObject({ status: "failed", error: { code: "process_exit" } });
  expect(bad.error.message).toContain("refused ***");
  expect(await logOf(good.id)).toMatch(/plain \*\*\* json \{"secret":"\*\*\*"\} url \*\*\*/);
  for (const { id } of [good, bad])
    for (const part of ["", "/steps", "/logs", "/explain"]) {
      const { text } = await ask("GET", `/v1/runs/${id}${part}`);
      expect([part, findIn(text)]).toEqual([part, undefined]);
    }
  const { text } = await ask("GET", "/v1/audit");
  expect(text).toContain("secret.set");
  expect(findIn(text)).toBeUndefined();
  expect(await findInDatabase()).toEqual([]);
  expect(lines.filter((line) => findIn(line) !== undefined)).toEqual([]);
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((file) => file.isFile())
    .map((file) => join(file.parentPath, file.name));
  expect(files.filter((file) => findIn(readFileSync(file, "utf8")) !== undefined)).toEqual([]);
});

it("it is neither in the environment of its process nor on its command line", async () => {
  const { id, status } = await run("s.kept");
  expect(status).toBe("success");
  const log = await logOf(id);
  expect(log).toMatch(/YARD_RUN_ID=/);
  // It would be masked, and that would be told.
  expect(log).not.toMatch(/\*\*\*/);
});

it("a request carries what is meant for it", async () => {
  await set("other-key", "another-secret-0815");
  const { asked, port } = await serve((_, response) => {
    response.setHeader("content-type", "application/json").end(asked[0]?.body);
  });
  const made = await run("s.ask", { port });
  expect(asked).toMatchObject([
    {
      headers: { "x-key": "Key another-secret-0815" },
      body: JSON.stringify({ token: VALUE }),
    },
  ]);
  expect(made).toMatchObject({ status: "success", output: { body: { token: "***" } } });
  expect(await findInDatabase()).toEqual([]);
});

it("an attempt that begins later has the newest value", async () => {
  await set("token", "first-value");
  const running = run("s.rotated");
  const path = join(folder, "lengths");
  await vi.waitFor(() => expect(readFileSync(path, "utf8")).toBe("11\n"), { timeout: 10_000 });
  await set("token", "second-value-that-is-longer");
  expect((await running).status).toBe("success");
  expect(readFileSync(path, "utf8")).toBe("11\n27\n");
});

it("a secret that is not set, not allowed or sealed under another key fails the attempt once, and says what to do", async () => {
  await set("token", VALUE, { packs: ["another"] });
  const refused = await run("s.length");
  expect(refused).toMatchObject({ status: "failed", error: { code: "secret_refused" } });
  expect(refused.error.message).toContain("yard secrets change token --add-pack s");
  const warned = await ask("GET", "/v1/doctor");
  expect(warned.text).toContain("which the pack s may not use");

  await db.database.pool.query(
    "UPDATE secrets SET packs = NULL, sealed = (SELECT sealed FROM secrets WHERE name = 'other-key') WHERE name = 'token'",
  );
  const sealed = await run("s.length");
  expect(sealed).toMatchObject({ status: "failed", error: { code: "secret_unreadable" } });
  expect(sealed.error.message).toContain("YARD_MASTER_KEY");
  expect((await ask("GET", "/v1/secrets/token")).body.status).toBe("unreadable");

  await ask("DELETE", "/v1/secrets/token");
  const missing = await run("s.length");
  expect(missing).toMatchObject({ status: "failed", error: { code: "secret_missing" } });
  expect(missing.error.message).toContain(`yard retry ${missing.id}`);
  const { body: steps } = await ask("GET", `/v1/runs/${missing.id}/steps`);
  expect(steps).toMatchObject([{ attempts: [{ status: "failed" }] }]);
  expect((await ask("GET", "/v1/doctor")).text).toContain(
    "action s.length uses the secret token, which is not set",
  );

  await set("token", VALUE);
  const { body: retried } = await ask("POST", `/v1/runs/${missing.id}/retry`, {});
  await vi.waitFor(async () => {
    const { body } = await ask("GET", `/v1/runs/${retried.id ?? retried.run?.id}`);
    expect(body).toMatchObject({ status: "success", output: VALUE.length });
  });
});

it("a source has its secret from there, and takes a new one as soon as it is set", async () => {
  const send = (secret: string) => {
    const body = JSON.stringify({ action: "opened", at: Math.random() });
    const signature = createHmac("sha256", secret).update(body).digest("hex");
    return fetch(`${url}/webhook/forge`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        ...{ "x-gitea-event": "push", "x-gitea-signature": signature },
      },
      body,
    });
  };
  expect((await ask("GET", "/v1/sources/forge")).body).toMatchObject({
    status: "unready",
    reason: expect.stringContaining("yard secrets set forge_webhook"),
  });
  await set("forge_webhook", "first-of-the-forge");
  expect((await send("first-of-the-forge")).status).toBe(200);
  await set("forge_webhook", "second-of-the-forge");
  expect((await send("first-of-the-forge")).status).toBe(401);
  expect((await send("second-of-the-forge")).status).toBe(200);
  await ask("PATCH", "/v1/secrets/forge_webhook", { packs: ["another"] });
  expect((await send("second-of-the-forge")).status).toBe(401);
});

it("a job on a node has it in its input alone, and the node keeps nothing of it", async () => {
  const { body } = await ask("POST", "/v1/nodes", { name: "far" });
  const state = join(folder, "far-state");
  const args = ["run", "--state", state, "--server", url, "--token", body.token, "--name", "far"];
  const node: ChildProcess = spawn(process.execPath, [NODE, ...args], {
    env: { PATH: process.env["PATH"], HOME: folder },
    stdio: "ignore",
  });
  onTestFinished(async () => {
    const ended = once(node, "exit");
    node.kill("SIGTERM");
    await ended;
  });
  await vi.waitFor(
    async () =>
      expect((await ask("GET", "/v1/nodes/far")).body).toMatchObject({ status: "connected" }),
    { timeout: 15_000, interval: 50 },
  );
  const made = await run("s.far");
  expect(made).toMatchObject({ status: "success", output: "600\n***" });
  const kept = readdirSync(state, { recursive: true, withFileTypes: true })
    .filter((file) => file.isFile())
    .map((file) => join(file.parentPath, file.name));
  expect(kept.some((file) => file.endsWith("audit.jsonl"))).toBe(true);
  expect(kept.filter((file) => findIn(readFileSync(file, "utf8")) !== undefined)).toEqual([]);
  expect(await findInDatabase()).toEqual([]);
});
