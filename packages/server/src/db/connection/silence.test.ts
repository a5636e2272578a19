import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import { expect, onTestFinished, test, vi } from "vitest";
import { createTestDatabase } from "../../../test/test-database.ts";
import { clientConfig, connectClient } from "./connection.ts";
import { isConnectionLoss } from "./connection-loss.ts";
import { createSilenceWatch } from "./silence.ts";

/** A connection that is looked after, through a proxy that can lose what PostgreSQL answers to it. */
async function setUp() {
  const { url, drop } = await createTestDatabase({ empty: true });
  onTestFinished(drop);
  const parsed = new URL(url.replace("@/", "@localhost/"));
  const path = `${parsed.searchParams.get("host")}/.s.PGSQL.${parsed.searchParams.get("port") ?? 5432}`;
  let loses = false;
  const proxy = createServer((client) => {
    const upstream = connect({ path });
    const losing = { now: false };
    client.on("data", (chunk) => {
      losing.now ||= loses;
      upstream.write(chunk);
    });
    upstream.on("data", (chunk) => losing.now || client.write(chunk));
    client.on("error", () => {}).on("close", () => upstream.destroy());
    upstream.on("error", () => {}).on("close", () => client.destroy());
  }).listen(0, "127.0.0.1");
  await once(proxy, "listening");
  onTestFinished(() => void proxy.close());
  const { username, password, pathname } = parsed;
  const through = `postgres://${username}:${password}@127.0.0.1:${(proxy.address() as AddressInfo).port}${pathname}`;
  const client = await connectClient(clientConfig(through, "test"));
  const onDead = vi.fn();
  const watch = createSilenceWatch({ url, lookEveryMs: 50, onDead });
  watch.add(client);
  onTestFinished(() => {
    watch.close();
    void client.end().catch(() => {});
  });
  return { client, onDead, lose: () => (loses = true) };
}

test("a statement whose answer was lost fails as on a lost connection", async () => {
  const { client, onDead, lose } = await setUp();
  await client.query("SELECT 1");
  lose();
  const error = await client.query("SELECT 2").catch((thrown: unknown) => thrown);
  expect(isConnectionLoss(error)).toBe(true);
  expect(onDead).toHaveBeenCalledWith(1);
});

test("a statement that PostgreSQL still works on is waited for", async () => {
  const { client, onDead } = await setUp();
  const { rows } = await client.query("SELECT pg_sleep(0.6), 2 AS n");
  expect(rows[0]).toMatchObject({ n: 2 });
  expect(onDead).not.toHaveBeenCalled();
});
