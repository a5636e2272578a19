import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createRandom } from "../sim/random.ts";
import { createCommands, openSessions, randomLanes } from "./conformance/commands.ts";
import { createModelStore } from "./conformance/model-store.ts";
import { createPostgresStore } from "./conformance/postgres-store.ts";
import type { ConformingStore } from "./conformance/stores.ts";
import { createTestDatabase, type TestDatabase } from "./test-database.ts";

const SEEDS = 40;
const COMMANDS = 50;

describe("the simulator's store", () => {
  let db: TestDatabase;
  let postgres: ConformingStore;
  beforeAll(async () => {
    db = await createTestDatabase();
    postgres = await createPostgresStore(db.database);
  });
  afterAll(() => db?.drop());

  it(`answers as PostgreSQL does, in ${SEEDS} seeded conversations`, async () => {
    const model = createModelStore();
    for (let seed = 1; seed <= SEEDS; seed++) {
      const lanes = randomLanes(createRandom(seed));
      await postgres.reset(lanes);
      await model.reset(lanes);
      const next = createCommands(seed, model.tables);
      const told: string[] = [];
      for (const command of openSessions())
        for (const store of [postgres, model]) await command.run(store);
      for (let i = 0; i < COMMANDS; i++) {
        const command = next();
        told.push(command.name);
        const expected = await command.run(postgres);
        expect(await command.run(model), `seed ${seed}: ${told.join(", ")}`).toEqual(expected);
      }
      expect(await model.dump(), `seed ${seed}, the tables`).toEqual(await postgres.dump());
    }
  }, 60_000);
});
