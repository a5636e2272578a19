import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startIntake, type TestIntake } from "../../test/intake.ts";
import { createTestDatabase, type TestDatabase } from "../../test/test-database.ts";

const FILES = {
  "rules/one.yaml": "rule: t.one\non: a.b\nrun: core.noop\n",
  "rules/two.yaml": "rule: t.two\non: a.b\nrun: core.noop\n",
};

describe("a rule whose folder is broken now", () => {
  let db: TestDatabase;
  let t: TestIntake;
  beforeAll(async () => {
    db = await createTestDatabase();
    t = await startIntake(db.url, { files: FILES });
  });
  afterAll(async () => {
    await t?.close();
    await db?.drop();
  });

  const pathOf = (file: string) => join(t.packs.active()[0]?.folder as string, file);
  async function edit(file: string, from: string, to: string): Promise<void> {
    const text = await readFile(pathOf(file), "utf8");
    await writeFile(pathOf(file), text.replace(from, to));
    await t.packs.reload();
  }

  it("is said to go on in its last good version, with the place and the mistake, until it is put right", async () => {
    expect(await t.rules.show("t.one")).toMatchObject({ errors: [] });
    await edit("rules/one.yaml", "core.noop", "core.nop");
    const shown = await t.rules.show("t.one");
    expect(shown.source).toBe(FILES["rules/one.yaml"]);
    expect(shown.errors[0]).toMatchObject({ path: expect.stringMatching(/^rules\/one\.yaml:3:/) });

    const said = await t.rules.explainRule("t.one");
    expect(said.chain).toContainEqual(
      expect.stringMatching(/^Its file is broken now, .*: rules\/one\.yaml:3:6: .*core\.nop/),
    );
    expect(said.unblock[0]).toMatch(/^Put rules\/one\.yaml:3 right: yard pack check \//);

    const neighbour = await t.rules.explainRule("t.two");
    expect(neighbour.chain).toContainEqual(
      expect.stringMatching(/^Its pack is broken now, .*this rule's too: rules\/one\.yaml:/),
    );

    await edit("rules/one.yaml", "core.nop\n", "core.noop\n");
    expect(await t.rules.show("t.one")).toMatchObject({ errors: [] });
    expect((await t.rules.explainRule("t.one")).chain.join("\n")).not.toContain("broken");
  });
});
