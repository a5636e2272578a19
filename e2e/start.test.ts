import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, describe, expect, it } from "vitest";

const SERVER = resolve(import.meta.dirname, "../packages/server/dist/yard-server.mjs");
const YARD = resolve(import.meta.dirname, "../packages/cli/bin/yard.js");
const PACKS = resolve(import.meta.dirname, "../packs");

interface Started {
  readonly child: ChildProcess;
  readonly output: () => string;
  /** Resolves when stdout or stderr hold the text. */
  says(text: string): Promise<void>;
}

const folders: string[] = [];
const children: ChildProcess[] = [];

function dataFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "yard-start-"));
  folders.push(folder);
  return folder;
}

function start(
  folder: string,
  env: { readonly [name: string]: string } = {},
  args: readonly string[] = [],
  program = SERVER,
): Started {
  const child = spawn(process.execPath, [program, ...args], {
    cwd: folder,
    env: {
      PATH: process.env["PATH"] ?? "",
      YARD_PORT: "0",
      YARD_DATA: join(folder, "data"),
      YARD_PACKS: PACKS,
      ...env,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  children.push(child);
  let output = "";
  const listeners = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      for (const listener of listeners) listener();
    });
  }
  return {
    child,
    output: () => output,
    says: (text) =>
      new Promise((done, fail) => {
        const look = (): void => {
          if (output.includes(text)) done();
        };
        listeners.add(look);
        child.once("exit", () =>
          output.includes(text) ? done() : fail(new Error(`it ended: ${output}`)),
        );
        look();
      }),
  };
}

/** Where the embedded PostgreSQL of a data folder lives, and its process. */
function postmaster(folder: string): number | undefined {
  const { home } = JSON.parse(readFileSync(join(folder, "data", "postgres.json"), "utf8"));
  try {
    return Number(
      readFileSync(join(home, "cluster", "data", "postmaster.pid"), "utf8").split("\n")[0],
    );
  } catch {
    return undefined;
  }
}

const PATIENCE = { timeout: 20_000 };

const hasDaemon = process.getuid?.() === 0 && /^daemon:/m.test(readFileSync("/etc/passwd", "utf8"));
if (!hasDaemon)
  console.log("skipped: no root, or no user daemon: no server ran programs as another user");

async function api<Answer>(
  folder: string,
  { YARD_ADMIN_TOKEN }: { readonly YARD_ADMIN_TOKEN: string },
  path: string,
  body?: object,
): Promise<Answer> {
  const { url } = JSON.parse(readFileSync(join(folder, "data", "server.json"), "utf8"));
  const headers = {
    authorization: `Bearer ${YARD_ADMIN_TOKEN}`,
    ...(body && { "content-type": "application/json" }),
  };
  const how = body === undefined ? {} : { method: "POST", body: JSON.stringify(body) };
  return (await (await fetch(`${url}${path}`, { ...how, headers })).json()) as Answer;
}

async function attemptsOf(
  folder: string,
  env: { readonly YARD_ADMIN_TOKEN: string },
  runId: string,
): Promise<string[]> {
  const steps = await api<{ attempts: { status: string }[] }[]>(
    folder,
    env,
    `/v1/runs/${runId}/steps`,
  );
  return steps.flatMap(({ attempts }) => attempts.map(({ status }) => status));
}

async function stop({ child }: Started): Promise<number | null> {
  const exited = once(child, "exit");
  child.kill("SIGTERM");
  return (await exited)[0];
}

afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode === null && child.signalCode === null) {
      const exited = once(child, "exit");
      child.kill("SIGTERM");
      await exited;
    }
  }
  for (const folder of folders.splice(0)) {
    try {
      const { home } = JSON.parse(readFileSync(join(folder, "data", "postgres.json"), "utf8"));
      rmSync(home, { recursive: true, force: true });
    } catch {
      // It had not come so far.
    }
    rmSync(folder, { recursive: true, force: true });
  }
});

describe("the server", () => {
  it("starts from an empty folder, shows the admin token once, answers for YARD_DRAIN when it is told to stop, and stops its PostgreSQL with it", async () => {
    const folder = dataFolder();
    const first = start(folder);
    await first.says("Try:");
    expect(first.output()).toMatch(/Admin token, shown this once: yard_\S{40,}/);
    expect(postmaster(folder)).toBeTypeOf("number");
    expect(await stop(first)).toBe(0);
    expect(postmaster(folder)).toBeUndefined();

    const second = start(folder, { YARD_DRAIN: "1s" });
    await second.says("Try:");
    expect(second.output()).not.toContain("Admin token");
    const { url } = JSON.parse(readFileSync(join(folder, "data", "server.json"), "utf8"));
    const exited = stop(second);
    await second.says("still answering");
    expect((await fetch(`${url}/readyz`)).status).toBe(503);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    expect(await exited).toBe(0);
    expect(postmaster(folder)).toBeUndefined();
  });

  it("ends YARD_DRAIN and YARD_SHUTDOWN_GRACE at once when it is told to stop again, but not by one Ctrl-C that reaches it twice, and breaks off what runs, which runs again", async () => {
    const folder = dataFolder();
    const nap = "action: long.nap\nrunner: process\nscript: exec sleep 600\n";
    mkdirSync(join(folder, "long", "actions"), { recursive: true });
    writeFileSync(join(folder, "long", "pack.yaml"), "pack: long\nversion: 1.0.0\n");
    writeFileSync(join(folder, "long", "actions", "nap.yaml"), nap);
    const env = {
      ...{ YARD_PACKS: join(folder, "long"), YARD_ADMIN_TOKEN: `yard_${"t".repeat(43)}` },
      // As long as the hook that ends what a failed test left.
      ...{ YARD_DRAIN: "40s", YARD_SHUTDOWN_GRACE: "40s" },
    };
    const first = start(folder, env);
    await first.says("Try:");
    const { id } = await api<{ id: string }>(folder, env, "/v1/runs", {
      ref: "long.nap",
      input: {},
    });
    await expect.poll(() => attemptsOf(folder, env, id), PATIENCE).toEqual(["running"]);

    const exited = once(first.child, "exit");
    // At the same moment, which a test on a busy machine can bring about with two different signals alone.
    first.child.kill("SIGINT");
    first.child.kill("SIGTERM");
    await first.says("still answering");
    expect(await attemptsOf(folder, env, id)).toEqual(["running"]);
    expect(first.output()).not.toContain("told to stop again");
    const tooEarly = start(folder, env);
    await once(tooEarly.child, "exit");
    expect(tooEarly.output()).toContain(
      `process ${first.child.pid}, which has been stopping since`,
    );
    const again = setInterval(() => first.child.kill("SIGINT"), 50);
    expect(await exited.finally(() => clearInterval(again))).toEqual([0, null]);
    expect(first.output()).toContain("told to stop again");

    const second = start(folder, { ...env, YARD_DRAIN: "0s" });
    await second.says("Try:");
    await expect.poll(() => attemptsOf(folder, env, id), PATIENCE).toEqual(["lost", "running"]);
    const ended = once(second.child, "exit");
    const pressing = setInterval(() => second.child.kill("SIGINT"), 50);
    expect(await ended.finally(() => clearInterval(pressing))).toEqual([0, null]);
    expect(second.output()).toContain("told to stop again");
  });

  it("tells what still runs at the end of YARD_SHUTDOWN_GRACE to end, kills what does not, and records which", async () => {
    const folder = dataFolder();
    const actions = join(folder, "long", "actions");
    mkdirSync(actions, { recursive: true });
    writeFileSync(join(folder, "long", "pack.yaml"), "pack: long\nversion: 1.0.0\n");
    const scripts = {
      tidy: `trap 'echo tidied >> ${folder}/tidied; exit 7' TERM`,
      deaf: "trap '' TERM",
    };
    for (const [name, trap] of Object.entries(scripts)) {
      const script = `  ${trap}\n  echo ready >&2\n  while :; do sleep 0.1; done\n`;
      const action = `action: long.${name}\nrunner: process\nscript: |\n${script}`;
      writeFileSync(join(actions, `${name}.yaml`), action);
    }
    const env = {
      ...{ YARD_PACKS: join(folder, "long"), YARD_ADMIN_TOKEN: `yard_${"t".repeat(43)}` },
      YARD_SHUTDOWN_GRACE: "1s",
    };
    const first = start(folder, env);
    await first.says("Try:");
    const begin = async (ref: string): Promise<string> => {
      const { id } = await api<{ id: string }>(folder, env, "/v1/runs", { ref, input: {} });
      const said = () => api<unknown[]>(folder, env, `/v1/runs/${id}/logs`);
      await expect.poll(async () => (await said()).length, PATIENCE).toBe(1);
      return id;
    };
    const tidy = await begin("long.tidy");
    const deaf = await begin("long.deaf");
    expect(await stop(first)).toBe(0);
    expect(readFileSync(join(folder, "tidied"), "utf8")).toBe("tidied\n");

    const second = start(folder, env);
    await second.says("Try:");
    const firstOf = async (id: string): Promise<unknown> =>
      (await api<{ attempts: object[] }[]>(folder, env, `/v1/runs/${id}/steps`))[0]?.attempts[0];
    const told =
      "Its server was stopped, and the attempt had not ended within YARD_SHUTDOWN_GRACE.";
    const lost = (how: string) => ({
      status: "lost",
      error: { code: "worker_lost", message: `${told} ${how}` },
    });
    expect(await firstOf(tidy)).toMatchObject(lost("Told to end (TERM), it exited with code 7."));
    expect(await firstOf(deaf)).toMatchObject(
      lost("It did not end of TERM either, and was killed."),
    );
    const ended = once(second.child, "exit");
    const pressing = setInterval(() => second.child.kill("SIGINT"), 50);
    expect(await ended.finally(() => clearInterval(pressing))).toEqual([0, null]);
  });

  it("leaves no PostgreSQL behind when it is told to stop while it starts", async () => {
    const folder = dataFolder();
    const server = start(folder);
    await server.says("PostgreSQL started");
    expect(await stop(server)).toBe(0);
    expect(postmaster(folder)).toBeUndefined();
  });

  it("stops at once when it is told to while it waits for PostgreSQL", async () => {
    const waiting = start(dataFolder(), { DATABASE_URL: "postgres://yard@127.0.0.1:9/yard" });
    await waiting.says("waiting for PostgreSQL (yard at 127.0.0.1:9)");
    const toldMs = performance.now();
    waiting.child.kill("SIGTERM");
    expect(await once(waiting.child, "exit")).toEqual([0, null]);
    expect(performance.now() - toldMs).toBeLessThan(10_000);
    expect(waiting.output()).toMatch(/"msg":"stopped"/);
  });

  it("stops in order, its PostgreSQL with it, when the `yard start` that started it is killed", async () => {
    const folder = dataFolder();
    const yard = start(folder, {}, ["start"], YARD);
    await yard.says("Try:");
    // Both write to one pipe: it closes when the second of them has ended.
    const bothEnded = once(yard.child, "close");
    yard.child.kill("SIGKILL");
    await bothEnded;
    expect(postmaster(folder)).toBeUndefined();
  });

  it("names every unknown or wrong setting, with the nearest one, and exits with 2", async () => {
    const server = start(dataFolder(), {
      YARD_PROT: "1",
      YARD_HOST: "127.0.0.1",
      YARD_LOG_LEVEL: "loud",
    });
    const [code] = await once(server.child, "exit");
    expect(code).toBe(2);
    expect(server.output()).toContain(
      "YARD_PROT: there is no such setting; did you mean YARD_PORT?",
    );
    expect(server.output()).toContain("YARD_LOG_LEVEL:");
  });

  it("tells a second owner of the data folder who has it and what to do, and one that joins works though nobody reads its stdout", async () => {
    const folder = dataFolder();
    const first = start(folder);
    await first.says("Try:");
    const second = start(folder);
    const [code] = await once(second.child, "exit");
    expect(code).toBe(5);
    expect(second.output()).toContain(String(first.child.pid));
    expect(second.output()).toContain("--roles worker");

    const worker = start(folder, {}, ["--roles", "worker"]);
    worker.child.stdout?.destroy();
    await worker.says("what is told on stdout cannot be written");
    expect(await stop(worker)).toBe(0);
  });

  it.skipIf(!hasDaemon)(
    "keeps its data folder, its PostgreSQL and itself from programs that it runs as another user",
    async () => {
      const folder = dataFolder();
      const pack = join(folder, "packs", "spy");
      mkdirSync(join(pack, "actions"), { recursive: true });
      writeFileSync(join(pack, "pack.yaml"), "pack: spy\nversion: 1.0.0\n");
      writeFileSync(join(pack, "actions", "look.yaml"), LOOK);
      const env = {
        YARD_ADMIN_TOKEN: "e2e-0123456789abcdef0123456789abcdef",
        YARD_PACKS: join(folder, "packs"),
        YARD_RUN_AS: "daemon",
      };
      const server = start(folder, env);
      await server.says("Try:");
      const { home, socket_folder: sockets } = JSON.parse(
        readFileSync(join(folder, "data", "postgres.json"), "utf8"),
      );
      const look = [join(folder, "data"), home, sockets, `/proc/${server.child.pid}/environ`];
      const started = await api<{ id: string }>(folder, env, "/v1/runs", {
        ref: "spy.look",
        input: { look },
      });
      await expect
        .poll(() => api(folder, env, `/v1/runs/${started.id}`), PATIENCE)
        .toMatchObject({
          status: "success",
          output: { who: "daemon", seen: [], code: "look.yaml" },
        });
      expect(await stop(server)).toBe(0);
      const programs = `${home}-programs`;
      expect(readdirSync(join(programs, "work"))).toEqual([]);
      rmSync(programs, { recursive: true });
    },
  );
});

/** Says which of the paths in its input it can read, and the name of the first file beside its definition. */
const LOOK = `action: spy.look
runner: process
script: |
  seen=
  for path in $(tr -d '[]{}"' | sed 's/look://' | tr , ' '); do
    { ls -- "$path" && head -c 1 -- "$path"; } >/dev/null 2>&1 && seen="$seen\\"$path\\","
    ls -- "$path"/* >/dev/null 2>&1 && seen="$seen\\"$path\\","
  done
  printf '{"who":"%s","seen":[%s],"code":"%s"}' "$(id -un)" "\${seen%,}" "$(ls actions | head -1)"
input: { look: "string[]!" }
output: { who: string!, seen: "string[]!", code: string! }
`;
