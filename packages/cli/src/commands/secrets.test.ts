import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Secret } from "@yardmaster/protocol";
import { expect, onTestFinished, test } from "vitest";
import { callYard } from "../testing/call-yard.ts";
import { startWireServer } from "../testing/wire-server.ts";

const SECRET: Secret = {
  name: "token",
  description: "Of the forge",
  packs: ["forge"],
  revision: 3,
  status: "ok",
  used_by: [
    { kind: "action", ref: "forge.comment", pack: "forge", allowed: true },
    { kind: "source", ref: "hooks", pack: "shop", allowed: false },
  ],
  created_at: "2026-01-01T00:00:00.000Z",
  created_by: "token:admin",
  updated_at: "2026-01-01T00:58:00.000Z",
  updated_by: "token:ci",
};

const setup = () =>
  startWireServer({
    "GET /v1/secrets": { json: [SECRET] },
    "GET /v1/secrets/token": { json: SECRET },
    "PUT /v1/secrets/token": { json: SECRET },
    "PATCH /v1/secrets/token": { json: SECRET },
    "DELETE /v1/secrets/token": { json: null },
  });

function folderWith(content: string | Uint8Array): string {
  const cwd = mkdtempSync(join(tmpdir(), "yard-secret-"));
  onTestFinished(() => rmSync(cwd, { recursive: true, force: true }));
  writeFileSync(join(cwd, "key"), content);
  return cwd;
}

test("sets what is piped in, and what stands in a file, without the one newline at its end", async () => {
  const { env, requests } = await setup();
  const piped = await callYard(["secrets", "set", "token"], { env, stdin: "s-1\n\n" });
  expect(piped).toMatchObject({ exitCode: 0, stderr: "" });
  const cwd = folderWith("line 1\nline 2\r\n");
  const more = ["--description", "For it", "--pack", "a", "b", "--json"];
  await callYard(["secrets", "set", "token", "--file", "key", ...more], { env, cwd });
  const bodies = requests.filter(({ method }) => method === "PUT").map(({ body }) => body);
  expect(bodies).toEqual([
    { value: "s-1\n" },
    { value: "line 1\nline 2", description: "For it", packs: ["a", "b"] },
  ]);
});

test("takes no value from the command line, says why, and asks the server nothing", async () => {
  const { env, requests } = await setup();
  const call = await callYard(["secrets", "set", "token", "hunter2"], { env, stdin: "x" });
  expect(call).toMatchObject({ exitCode: 2, stdout: "" });
  expect(call.stderr).toMatch(/not taken from the command line: other users of this machine/);
  expect(call.stderr).not.toContain("hunter2");
  expect(requests).toEqual([]);
});

test("asks on a terminal without showing what is typed, and may be left", async () => {
  const { env, requests } = await setup();
  const typing = (keys: string) =>
    callYard(["secrets", "set", "token"], {
      env,
      isTyped: true,
      onConsole: (console) => console.type(keys),
    });
  const call = await typing("wrong\u0015pässx\u007fword\r");
  expect(call).toMatchObject({ exitCode: 0, stderr: "Value of token, which is not shown: \n" });
  expect(requests.map(({ body }) => body)).toEqual([{ value: "pässword" }]);
  expect(await typing("hunter\u0003")).toMatchObject({ exitCode: 130 });
  expect(requests).toHaveLength(1);
});

test("refuses what is empty, is no text, or cannot be read", async () => {
  const { env, requests } = await setup();
  const set = (...more: string[]) =>
    callYard(["secrets", "set", "token", ...more], { env, cwd: folderWith(Buffer.from([255, 0])) });
  expect((await set()).stderr).toMatch(/The value of token is empty; nothing was set/);
  const asBase64 =
    "it is no UTF-8 text: set it as base64 (base64 -w0 FILE | yard secrets set token)";
  expect((await set("--file", "key")).stderr).toContain(`--file: key: ${asBase64}`);
  const piped = { env, stdin: Buffer.from([0x61, 0xff, 0xfe]) };
  const call = await callYard(["secrets", "set", "token"], piped);
  expect(call).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining(`stdin: ${asBase64}`),
  });
  expect((await set("--file", "none")).stderr).toMatch(/none cannot be read: ENOENT/);
  expect(requests).toEqual([]);
});

test("lists and shows secrets with what uses them", async () => {
  const { env } = await setup();
  const { stdout } = await callYard(["secrets"], { env });
  expect(stdout).toBe(
    "NAME   STATUS  PACKS  USED BY              SET        BY        DESCRIPTION\n" +
      "token  ok      forge  forge.comment,hooks  2 min ago  token:ci  Of the forge\n",
  );
  expect((await callYard(["secrets", "show", "token"], { env })).stdout).toBe(
    "Secret token is set\nabout    Of the forge\nvalue    number 3; it is never shown\nchanged  2 min ago by token:ci\n" +
      "packs    forge\nused by  action forge.comment\n         source hooks (the pack shop may not use it)\n",
  );
});

test("changes which packs may use a secret: those and no others, more, or all", async () => {
  const { env, requests } = await setup();
  const change = (...options: string[]) =>
    callYard(["secrets", "change", "token", ...options], { env });
  await change("--pack", "a", "b");
  await change("--add-pack", "shop");
  await change("--all-packs", "--description", "");
  const bodies = requests.filter(({ method }) => method === "PATCH").map(({ body }) => body);
  expect(bodies).toEqual([
    { packs: ["a", "b"] },
    { packs: ["forge", "shop"] },
    { packs: null, description: null },
  ]);
  expect(await change()).toMatchObject({ exitCode: 2 });
});

test("says on stderr which packs are not loaded, and gives the secret to them all the same", async () => {
  const packs = { "GET /v1/packs": { json: [{ pack: "forge" }] } };
  const { env, requests } = await startWireServer({
    ...packs,
    "PUT /v1/secrets/token": { json: SECRET },
    "PATCH /v1/secrets/token": { json: SECRET },
  });
  const set = ["secrets", "set", "token", "--json", "--pack", "forge", "nope"];
  const call = await callYard(set, { env, stdin: "x" });
  expect(call).toMatchObject({ exitCode: 0, stderr: "yard: no pack nope is loaded\n" });
  expect(JSON.parse(call.stdout)).toEqual(SECRET);
  expect(requests[0]?.body).toEqual({ value: "x", packs: ["forge", "nope"] });
  const change = await callYard(["secrets", "change", "token", "--pack", "forg"], { env });
  expect(change.stderr).toBe("yard: no pack forg is loaded; did you mean forge?\n");
});

test("removes a secret", async () => {
  const { env, requests } = await setup();
  const call = await callYard(["secrets", "rm", "token"], { env });
  expect(call).toMatchObject({ exitCode: 0, stdout: "Removed token.\n" });
  expect(requests).toMatchObject([{ method: "DELETE", path: "/v1/secrets/token" }]);
});
