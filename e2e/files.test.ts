import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
// @ts-expect-error: a program without types.
import { createFaultProxy } from "./faults/proxy.mjs";
import { createInstallation, type Installation, type Running } from "./installation.ts";

/*
 * Files of steps over built artefacts: made on one node, used on another and on a worker, with the links cut meanwhile.
 */

const BYTES = 12 * 1024 * 1024;
const PACK = {
  "pack.yaml": "pack: far\nversion: 1.0.0\n",
  "actions/make.yaml":
    "action: far.make\nrunner: process\ncwd: work\nscript: |\n  mkdir out; head -c 12582912 /dev/urandom > out/big.bin\n" +
    "  sha256sum out/big.bin | cut -c1-64\nfiles: [out/*.bin]\n",
  "actions/sum.yaml":
    "action: far.sum\nrunner: process\ncwd: work\nscript: sha256sum in/out/big.bin | cut -c1-64\n",
  "workflows/chain.yaml":
    "workflow: far.chain\nsteps:\n  - { id: make, uses: far.make, on: { node: one } }\n" +
    '  - { id: there, uses: far.sum, on: { node: two }, files: { from: "${{ steps.make.files }}", to: in } }\n' +
    '  - { id: here, uses: far.sum, files: { from: "${{ steps.make.files }}", to: in } }\n' +
    'output: { made: "${{ steps.make.output }}", there: "${{ steps.there.output }}", here: "${{ steps.here.output }}", files: "${{ steps.make.files }}" }\n',
};

let installation: Installation;
let server: Running;
let proxy: {
  readonly port: number;
  bytes(way: "up" | "down"): number;
  cut(): number;
  close(): Promise<void>;
};
const nodes: Running[] = [];

beforeAll(async () => {
  installation = createInstallation("files");
  for (const [path, text] of Object.entries(PACK)) {
    const file = join(installation.folder, "packs/far", path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  server = await installation.start("--packs", "packs");
  const url = JSON.parse(readFileSync(join(installation.folder, ".yard/server.json"), "utf8")).url;
  proxy = await createFaultProxy({ port: Number(new URL(url).port), host: "127.0.0.1" });
  await Promise.all([pair("one"), pair("two")]);
});

afterAll(async () => {
  for (const { child } of nodes) child.kill("SIGTERM");
  for (const { ended } of nodes) await ended;
  await proxy?.close();
  expect(await installation.remove(server)).toBe(0);
});

const yard = (...argv: string[]) => installation.yard(...argv).ended;

async function pair(name: string): Promise<void> {
  const { stdout } = await yard("node", "pair", name, "--json");
  const { token } = JSON.parse(stdout) as { token: string };
  const home = join(installation.folder, name);
  mkdirSync(home);
  const argv = ["node", "run", "--state", join(home, "state"), "--name", name];
  const at = ["--server", `http://127.0.0.1:${proxy.port}`, "--token", token];
  nodes.push(installation.yardWith({ HOME: home }, ...argv, ...at));
  await until(async () =>
    (await yard("node", "show", name, "--json")).stdout.includes('"status":"connected"'),
  );
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const patience = { timeout: 30_000, interval: 5 };
  await vi.waitFor(async () => expect(await holds()).toBe(true), patience);
}

test("a large file goes from one node to another, over links that are cut on both ways", async () => {
  const started = await yard("run", "far.chain", "--json");
  const { id } = JSON.parse(started.stdout) as { id: string };
  for (const way of ["up", "down"] as const) {
    await until(() => proxy.bytes(way) > BYTES / 4);
    proxy.cut();
  }
  const { code, stdout } = await yard("logs", id, "--follow", "--json");
  expect([code, stdout.includes("error")]).toEqual([0, false]);
  const shown = JSON.parse((await yard("runs", "show", id, "--json")).stdout);
  expect(shown).toMatchObject({ status: "success" });
  const { made, there, here, files } = shown.output;
  expect([there, here]).toEqual([made, made]);
  expect(files).toEqual([{ path: "out/big.bin", bytes: BYTES, sha256: made, mode: "0644" }]);
  const attempts = shown.steps.map((step: { attempts: object[] }) => step.attempts.length);
  expect(attempts).toEqual([1, 1, 1]);
  // Gone on with, not begun anew: what is left of the cuts is what was on its way.
  for (const way of ["up", "down"] as const) {
    expect(proxy.bytes(way)).toBeGreaterThan(BYTES);
    expect(proxy.bytes(way)).toBeLessThan(BYTES * 1.25);
  }

  const got = await yard("runs", "files", id, "--get", "out/big.bin", "--json");
  expect(JSON.parse(got.stdout)).toMatchObject({ step: "make", sha256: made, resumed_bytes: 0 });
  const content = readFileSync(join(installation.folder, "big.bin"));
  expect(createHash("sha256").update(content).digest("hex")).toBe(made);
});
