import type { Pool } from "pg";
import { expect, it } from "vitest";
import type { HotClient } from "../../db/index.ts";
import { createSessionStore } from "./session-connection.ts";

it("ends a connection that is given up while it is made, and uses the next", async () => {
  const used: string[] = [];
  const ended: string[] = [];
  const made: ((name: string) => void)[] = [];
  const store = createSessionStore(
    () => new Promise((resolve) => made.push((name) => resolve(client(name)))),
    {} as Pool,
  );
  const client = (name: string): HotClient =>
    ({
      query: async () => {
        used.push(name);
        return { rowCount: 1 };
      },
      end: async () => void ended.push(name),
    }) as unknown as HotClient;

  const late = store.renew("s");
  store.drop();
  const next = store.renew("s");
  made[1]?.("second");
  await next;
  made[0]?.("first");
  await late.catch(() => {});
  await store.renew("s");

  await store.close();
  await expect.poll(() => ended).toEqual(["first", "second"]);
  expect(used.at(-1)).toBe("second");
});
