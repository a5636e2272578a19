import { randomBytes } from "node:crypto";
import { mkdtempSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createSealer, derivedKey, loadMasterKey } from "./index.ts";

const folder = (): string => mkdtempSync(join(tmpdir(), "yard-key-"));

test("a master key is made once, for its owner alone, and read again", () => {
  const data = folder();
  const key = loadMasterKey(data);
  expect(key).toHaveLength(32);
  expect(loadMasterKey(data)).toEqual(key);
  expect(statSync(join(data, "master.key")).mode & 0o777).toBe(0o600);
  expect(readdirSync(data)).toEqual(["master.key"]);
});

test("the setting wins over the file, in hex and in base64", () => {
  const key = randomBytes(32);
  expect(loadMasterKey(folder(), key.toString("hex"))).toEqual(key);
  expect(loadMasterKey(folder(), key.toString("base64"))).toEqual(key);
});

test("a damaged or short key is refused", () => {
  const data = folder();
  writeFileSync(join(data, "master.key"), "short");
  expect(() => loadMasterKey(data)).toThrow(/is not a key/);
  expect(() => loadMasterKey(data, "abcd")).toThrow(/YARD_MASTER_KEY/);
});

test("what is sealed opens only under the same key and in the same place, unchanged", () => {
  const sealer = createSealer(randomBytes(32));
  const sealed = sealer.seal("pässword", "source:a");
  expect(sealed).not.toContain("pässword");
  expect(sealer.open(sealed, "source:a")).toBe("pässword");
  expect(sealer.open(sealed, "source:b")).toBeUndefined();
  expect(createSealer(randomBytes(32)).open(sealed, "source:a")).toBeUndefined();
  const last = sealed.at(-3) === "A" ? "B" : "A";
  expect(
    sealer.open(`${sealed.slice(0, -3)}${last}${sealed.slice(-2)}`, "source:a"),
  ).toBeUndefined();
  expect(sealer.open("nonsense", "source:a")).toBeUndefined();
});

test("each purpose has a key of its own, the same wherever the master key is", () => {
  const master = randomBytes(32);
  const key = derivedKey(master, "one");
  expect(derivedKey(Buffer.from(master), "one")).toEqual(key);
  for (const other of [master, derivedKey(master, "two"), derivedKey(randomBytes(32), "one")])
    expect(key.equals(other)).toBe(false);
});

test("the same text is never sealed to the same value twice", () => {
  const sealer = createSealer(randomBytes(32));
  expect(sealer.seal("x", "p")).not.toBe(sealer.seal("x", "p"));
});
