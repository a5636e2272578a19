import { afterEach, beforeEach, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../../test/test-database.ts";
import { silentLog } from "../log.ts";
import { clientConfig, connectClient } from "./connection.ts";
import { failedConnect } from "./connection-loss.ts";
import { createWatch } from "./watch.ts";

let used: TestDatabase;
beforeEach(async () => {
  used = await createTestDatabase({ empty: true });
});
afterEach(() => used.drop());

const endWatchers = `
  select pg_terminate_backend(pid) from pg_stat_activity
  where datname = current_database() and application_name like 'yardmaster watch%'`;

function inbox(): { put(text: string): void; next(): Promise<string> } {
  const texts: string[] = [];
  let wake = (): void => {};
  return {
    put: (text) => {
      texts.push(text);
      wake();
    },
    next: async () => {
      while (texts.length === 0) await new Promise<void>((resolve) => (wake = resolve));
      return texts.shift()!;
    },
  };
}

test("every listener of a channel hears its notifications, until it stops", async () => {
  const { database } = used;
  const [first, second] = [inbox(), inbox()];
  const stopped = await database.listen("Odd channel", first.put);
  await database.listen("Odd channel", second.put);
  await database.pool.query(`notify "Odd channel", 'one'`);
  expect(await first.next()).toBe("one");
  expect(await second.next()).toBe("one");
  await stopped.stop();
  await database.pool.query(`notify "Odd channel", 'two'`);
  expect(await second.next()).toBe("two");
  await database.listen("last", first.put);
  await database.pool.query("notify last, 'three'");
  expect(await first.next()).toBe("three");
});

test("a lost connection listens again and tells its listeners to poll", async () => {
  const { database } = used;
  const heard = inbox();
  const events = inbox();
  database.onLost(() => events.put("lost"));
  database.onRestored(() => events.put("restored"));
  await database.listen("work", heard.put, { onReconnect: () => events.put("poll") });
  await database.pool.query(endWatchers);
  expect([await events.next(), await events.next(), await events.next()]).toEqual([
    "lost",
    "restored",
    "poll",
  ]);
  await database.pool.query("notify work, 'again'");
  expect(await heard.next()).toBe("again");
});

test("who starts to listen while the connection is lost is heard once it is back", async () => {
  const { database } = used;
  const heard = inbox();
  const listening = new Promise((resolve, reject) => {
    database.onLost(() => {
      database.listen("late", heard.put).then(resolve, reject);
    });
  });
  await database.pool.query(endWatchers);
  await listening;
  await database.pool.query("notify late, 'here'");
  expect(await heard.next()).toBe("here");
});

test("a closed database does not come back", async () => {
  const { database } = used;
  const events = inbox();
  database.onLost(() => events.put("lost"));
  await database.close();
  events.put("end");
  expect(await events.next()).toBe("end");
  await expect(database.listen("work", () => {})).rejects.toMatchObject({ code: "unavailable" });
});

test("a refusal is told once with its way out, and not each time that it is asked again", async () => {
  const told = inbox();
  const note = (_: object, message: string): void => told.put(message);
  const watch = createWatch({
    attach: async () => {
      if (refusals-- > 0) throw failedConnect(Object.assign(new Error("no"), { code: "28P01" }));
      return connectClient(clientConfig(used.url, "yardmaster watch test"));
    },
    pingEveryMs: 0,
    place: "yard at db:5432",
    log: { ...silentLog, error: note, info: note },
  });
  let refusals = 0;
  const first = await watch.start();
  refusals = 3;
  await first.end();
  expect(await told.next()).toBe(
    "PostgreSQL (yard at db:5432) refuses the connection, and is asked again: no; put the right password into it, with % / ? # @ and : as %25 %2F %3F %23 %40 and %3A",
  );
  expect(await told.next()).toBe("connected to PostgreSQL again");
  await watch.close();
});
