import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createRandom } from "../sim/random.ts";
import { createCommands, openSessions, randomLanes } from "./conformance/commands.ts";
import { createModelStore } from "./conformance/model-store.ts";
import { createPostgresStore } from "./conformance/postgres-store.ts";
import type { ConformingStore, ToldAdmission } from "./conformance/stores.ts";
import { createTestDatabase, type TestDatabase } from "./test-database.ts";

describe("the simulator's store", () => {
  let db: TestDatabase;
  let whole: ConformingStore;
  /** Sees so little of a keyed lane at once that it looks at its keys. */
  let shortSighted: ConformingStore;
  beforeAll(async () => {
    db = await createTestDatabase();
    whole = await createPostgresStore(db.database);
    shortSighted = await createPostgresStore(db.database, { rows: 2, keys: 100, pages: 1 });
  });
  afterAll(() => db?.drop());

  /** Both are told the same; every answer is compared, and all rows at the end. Says how many rows were claimed. */
  async function converse(
    seed: number,
    commands: number,
    { crowded = false, store: postgres = whole } = {},
  ): Promise<number> {
    const model = createModelStore();
    const lanes = randomLanes(createRandom(seed));
    for (const store of [postgres, model]) {
      await store.reset(lanes);
      for (const command of openSessions()) await command.run(store);
    }
    const next = createCommands(seed, model.tables, { crowded });
    const told: string[] = [];
    let claimed = 0;
    for (let i = 0; i < commands; i++) {
      const command = next();
      told.push(command.name);
      const expected = await command.run(postgres);
      expect(await command.run(model), `seed ${seed}: ${told.join(", ")}`).toEqual(expected);
      if (command.name === "claim") claimed += (expected as unknown[]).length;
      if (command.name === "admit") claimed += (expected as ToldAdmission).rows.length;
    }
    expect(await model.dump(), `seed ${seed}, the tables`).toEqual(await postgres.dump());
    return claimed;
  }

  it("answers as PostgreSQL does, in seeded conversations about everything", async () => {
    for (let seed = 1; seed <= 25; seed++) await converse(seed, 50);
  }, 60_000);

  it("admits what PostgreSQL admits, in crowded lanes of every kind", async () => {
    let claimed = 0;
    for (let seed = 1; seed <= 25; seed++) {
      const store = seed % 2 === 0 ? whole : shortSighted;
      claimed += await converse(seed, 40, { crowded: true, store });
    }
    expect(claimed).toBeGreaterThan(200);
  }, 60_000);
});
