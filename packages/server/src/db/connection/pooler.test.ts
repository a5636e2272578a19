import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, chownSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { createTestDatabase } from "../../../test/test-database.ts";
import { asUser } from "../embedded/programs.ts";
import { postgresUser } from "../embedded/system-user.ts";
import { connectDatabase, silentLog } from "../index.ts";
import { refusedSettings, requireOwnSession } from "./pooler.ts";

const PGBOUNCER = "/usr/sbin/pgbouncer";
const isThere = existsSync(PGBOUNCER);
if (!isThere) console.log(`skipped: no PgBouncer at ${PGBOUNCER}`);

const POOLED = {
  code: "invalid_setting",
  message: expect.stringMatching(/^DATABASE_URL: .*127\.0\.0\.1:\d+.*address of PostgreSQL itself/),
};

test("a server that does not hand back what a connection was given is a pooler", () => {
  const place = "yard at 127.0.0.1:6432";
  requireOwnSession("own", place);
  expect(() => requireOwnSession(null, place)).toThrow(expect.objectContaining(POOLED));
  const refusal = new Error("unsupported startup parameter: options");
  expect(refusedSettings(Object.assign(refusal, { code: "08P01" }), place)).toMatchObject(POOLED);
  const other = Object.assign(new Error("server conn crashed?"), { code: "08P01" });
  expect(refusedSettings(other, place)).toBe(other);
});

test.skipIf(!isThere).each([
  ["takes no settings", ""],
  ["passes settings by", "ignore_startup_parameters = options, extra_float_digits"],
])("a PgBouncer that %s is refused at once, with the way out", async (_, more) => {
  const db = await createTestDatabase();
  onTestFinished(() => db.drop());
  const port = await startPgBouncer(db.url, more);
  const url = `postgres://any@127.0.0.1:${port}/yard`;
  await expect(connectDatabase(url, { log: silentLog })).rejects.toMatchObject(POOLED);
});

async function startPgBouncer(url: string, more: string): Promise<number> {
  const to = new URL(url.replace("@/", "@localhost/"));
  const home = mkdtempSync(join(tmpdir(), "yard-pooler-"));
  const port = await freePort();
  const config = join(home, "pgbouncer.ini");
  const login = `user=${to.username} password=${to.password}`;
  const server = `host=${to.searchParams.get("host")} port=${to.searchParams.get("port") ?? 5432}`;
  writeFileSync(
    config,
    `[databases]\nyard = ${server} dbname=${to.pathname.slice(1)} ${login}
[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = ${port}\nauth_type = any\npool_mode = transaction
unix_socket_dir =\n${more}\n`,
  );
  const user = postgresUser("");
  chmodSync(home, 0o711);
  chmodSync(config, 0o600);
  if (user) chownSync(config, user.uid, user.gid);
  const pooler = spawn(PGBOUNCER, ["-q", config], { cwd: home, stdio: "ignore", ...asUser(user) });
  onTestFinished(async () => {
    pooler.kill("SIGKILL");
    if (pooler.exitCode === null && pooler.signalCode === null) await once(pooler, "exit");
    rmSync(home, { recursive: true });
  });
  await listening(port);
  return port;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}

async function listening(port: number): Promise<void> {
  for (;;) {
    const socket = connect(port, "127.0.0.1");
    const isOpen = await once(socket, "connect").then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (isOpen) return;
    await delay(20);
  }
}
