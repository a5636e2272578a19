import { chmod, mkdtemp, readFile, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { createCommandPolicy } from "./command-policy.ts";
import { checkConfig } from "./config.ts";
import { createConfigChanges, readConfig, writeConfig } from "./config-file.ts";
import { readMemory } from "./memory.ts";
import { exposureOf } from "./owner-only.ts";
import { readServerUrl } from "./server-url.ts";

const LEAST = { server: "wss://yard.example.org", name: "lab-7", token: "t".repeat(43) };

async function folder(): Promise<string> {
  return await mkdtemp(join(tmpdir(), "yard-node-"));
}

async function configAt(text: string, mode = 0o600): Promise<string> {
  const path = join(await folder(), "node.json");
  await writeFile(path, text, { mode });
  await chmod(path, mode);
  return path;
}

function flawsOf(value: unknown): string[] {
  const checked = checkConfig(value);
  return "flaws" in checked ? checked.flaws : [];
}

test("a server, a name and a token are enough, and nothing is allowed to be read", async () => {
  const config = await readConfig(await configAt(JSON.stringify(LEAST)));
  expect(config).toMatchObject({
    ...LEAST,
    allowed_paths: [],
    allow: { exec: true, read: true, write: true, jobs: true },
    orphans: "kill",
    slots: 4,
    e2e: "off",
    insecure: false,
  });
});

test.each([0o604, 0o640, 0o620, 0o644, 0o660])("a file of mode %o is not read", async (mode) => {
  const path = await configAt(JSON.stringify(LEAST), mode);
  await expect(readConfig(path)).rejects.toThrow(/others.*chmod 600/);
});

test("a file of another user is not trusted, unless root asks", () => {
  onTestFinished(() => void vi.restoreAllMocks());
  const me = vi.spyOn(process, "getuid").mockReturnValue(1_000);
  expect(exposureOf("/x", { mode: 0o600, uid: 1_000 })).toBeUndefined();
  expect(exposureOf("/x", { mode: 0o600, uid: 1_001 })).toBe("/x belongs to another user");
  me.mockReturnValue(0);
  expect(exposureOf("/x", { mode: 0o600, uid: 1_001 })).toBeUndefined();
});

test("a machine that is not paired is told so", async () => {
  const missing = readConfig(join(await folder(), "node.json"));
  await expect(missing).rejects.toMatchObject({ code: "not_found" });
  await expect(missing).rejects.toThrow(/not paired.*yard-node pair/);
});

test("every wrong field is named, and a slip is recognised", () => {
  const flaws = flawsOf({
    ...LEAST,
    allowd_paths: [],
    allowed_paths: ["relative"],
    slots: 0,
    pin: "abc",
    allow: { exek: true },
  });
  expect(flaws).toEqual(
    expect.arrayContaining([
      'allowd_paths: is not known; did you mean "allowed_paths"?',
      "allowed_paths.0: must be an absolute path",
      expect.stringMatching(/^slots: /),
      "pin: must be the SHA-256 of a certificate, in hex",
      'allow.exek: is not known; did you mean "exec"?',
    ]),
  );
});

test("a label is held to the rule that the server has for its own, and told by its key", () => {
  const key = /^labels\.(a b|-x|): the key must be 1 to 63 of A-Z/;
  for (const wrong of ["a b", "-x", ""])
    expect(flawsOf({ ...LEAST, labels: { [wrong]: "x" } })).toEqual([expect.stringMatching(key)]);
  for (const value of ["x\ny", "x".repeat(129)])
    expect(flawsOf({ ...LEAST, labels: { gpu: value } })).toEqual([
      "labels.gpu: the value must be at most 128 characters of printable ASCII",
    ]);
  expect(flawsOf({ ...LEAST, labels: { "example.org/gpu_1": "a b", x: "" } })).toEqual([]);
});

test("a file that is no JSON is told with its path", async () => {
  const path = await configAt("{");
  await expect(readConfig(path)).rejects.toThrow(`${path} is no JSON`);
});

test("no error shows the token", () => {
  const token = "s3cret".repeat(40);
  expect(JSON.stringify(flawsOf({ ...LEAST, token }))).not.toContain("s3cret");
});

test.each(["ws://yard.example.org", "http://10.0.0.7:4400", "ws://localhost.example.org"])(
  "%s is refused unless the owner says so",
  (server) => {
    expect(flawsOf({ ...LEAST, server })).toEqual([expect.stringContaining("insecure")]);
    expect(flawsOf({ ...LEAST, server, insecure: true })).toEqual([]);
  },
);

test.each(["ws://localhost:4400", "http://127.0.0.1:4400", "ws://[::1]:4400"])(
  "%s stays on this machine",
  (server) => {
    expect(flawsOf({ ...LEAST, server })).toEqual([]);
  },
);

test.each([
  [
    "https://yard.example.org",
    "wss://yard.example.org/ws/nodes",
    "https://yard.example.org/v1/nodes/pair",
  ],
  [
    "wss://y.example:7000/",
    "wss://y.example:7000/ws/nodes",
    "https://y.example:7000/v1/nodes/pair",
  ],
  ["http://localhost:4400", "ws://localhost:4400/ws/nodes", "http://localhost:4400/v1/nodes/pair"],
  [
    "wss://x.example/yard/ws/nodes",
    "wss://x.example/yard/ws/nodes",
    "https://x.example/yard/v1/nodes/pair",
  ],
])("%s is dialled at %s and paired at %s", (text, link, pairing) => {
  const url = readServerUrl(text);
  if (typeof url === "string") throw new Error(url);
  expect([url.link.href, url.pairing.href]).toEqual([link, pairing]);
});

test.each([
  ["http://localhost:4400/docs", "http://localhost:4400", "http://localhost:4400/docs/ws/nodes"],
  ["wss://y.example/yard/", "wss://y.example", "wss://y.example/yard/ws/nodes"],
])("the path of %s leads nowhere, and what may be meant is said", (server, without, whole) => {
  const { pathname } = new URL(server);
  const flaw = `has the path ${pathname}; write ${without}, or ${whole} where a proxy serves Yardmaster under that path`;
  expect(readServerUrl(server)).toBe(flaw);
  expect(flawsOf({ ...LEAST, server })).toEqual([`server: ${flaw}`]);
});

test.each(["yard.example.org", "ftp://a", "wss://user:pw@a", "wss://a?x=1", "wss://a#b"])(
  "%s is no address of a server",
  (text) => {
    expect(typeof readServerUrl(text)).toBe("string");
  },
);

test.each([
  ["ws://localhost:4400", true],
  ["ws://127.0.0.1:4400", true],
  ["ws://[::1]:4400", true],
  ["ws://127.0.0.1.example.org", false],
  ["ws://localhost.example.org", false],
  ["ws://192.168.0.1", false],
])("%s may be spoken to in clear: %s", (server, isFine) => {
  expect(flawsOf({ ...LEAST, server })).toHaveLength(isFine ? 0 : 1);
});

test("a rotated token is put in place with the one before, and settled when it was used", async () => {
  const path = await configAt(JSON.stringify({ ...LEAST, labels: { os: "linux" } }));
  const { rotate, settle } = createConfigChanges(path);
  await rotate("n".repeat(43));
  expect(JSON.parse(await readFile(path, "utf8"))).toEqual({
    ...LEAST,
    labels: { os: "linux" },
    token: "n".repeat(43),
    previous_token: LEAST.token,
  });
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  await settle("n".repeat(43));
  expect(await readConfig(path)).toMatchObject({ token: "n".repeat(43) });
  expect(await readConfig(path)).not.toHaveProperty("previous_token");
});

test("changes that come at once follow one another, and none is lost", async () => {
  const path = await configAt(JSON.stringify({ ...LEAST, slots: 2 }));
  const { rotate, settle, rename } = createConfigChanges(path);
  await Promise.all([
    rotate("n".repeat(43)),
    rename("lab-8"),
    settle("n".repeat(43)),
    rename("lab-9"),
  ]);
  expect(JSON.parse(await readFile(path, "utf8"))).toEqual({
    ...LEAST,
    slots: 2,
    name: "lab-9",
    token: "n".repeat(43),
  });
  expect((await stat(path)).mode & 0o777).toBe(0o600);
});

test("a configuration that cannot be written leaves the old one", async () => {
  const path = await configAt(JSON.stringify(LEAST));
  const elsewhere = join(path, "under-a-file", "node.json");
  await expect(writeConfig(elsewhere, LEAST)).rejects.toThrow("could not be written");
  expect(await readConfig(path)).toMatchObject(LEAST);
});

test("a server that has encrypted is remembered over restarts", async () => {
  const path = join(await folder(), "memory.json");
  const memory = await readMemory(path);
  expect(memory.hasEncrypted("wss://a/ws/nodes")).toBe(false);
  await memory.rememberEncrypted("wss://a/ws/nodes");
  expect((await readMemory(path)).hasEncrypted("wss://a/ws/nodes")).toBe(true);
  await writeFile(path, "{");
  expect((await readMemory(path)).hasEncrypted("wss://a/ws/nodes")).toBe(false);
});

const policy = createCommandPolicy({
  default: "refuse",
  allow: ["git *", "uname", "*--version", "a*b*c", "d*ef*f", "gh*hg"],
  refuse: ["git push*", "*sudo*"],
});

test.each(["git status", "uname", "node --version", "  uname  ", "axxbxxc", "abc", "abbcc"])(
  "%j is a command that is allowed",
  (command) => {
    expect(policy(command)).toBeUndefined();
  },
);

test.each([
  "git",
  "uname -a",
  "git push",
  "git push origin",
  "git x; sudo y",
  "",
  "acb",
  "ab",
  "def",
  "ghg",
])("%j is a command that is refused", (command) => {
  expect(policy(command)).toMatch(/owner/);
});

test("where commands are allowed by default, all run but those that are refused", () => {
  const judge = createCommandPolicy({ default: "allow", allow: ["uname"], refuse: ["*sudo*"] });
  expect(judge("anything else")).toBeUndefined();
  expect(judge("sudo uname")).toMatch(/owner refuses/);
});

// One that goes back and tries again would take years.
test("a long hostile command is judged in one pass", () => {
  const judge = createCommandPolicy({ default: "refuse", allow: ["a*a*a*a*a*b"], refuse: [] });
  expect(judge("a".repeat(256 * 1024))).toMatch(/owner/);
});
