import { expect, test } from "vitest";
import { sentenceParts } from "./sentence-parts.ts";

const ID = "01a1f961-b569-7195-b0ad-03e1fe9d9876";

test("finds the moments and runs of a sentence, and loses nothing of it", () => {
  const sentence = `run ${ID} holds it until 2026-11-20T14:41:17.745449+00:00, by worker ${ID}`;
  const parts = sentenceParts(sentence);
  expect(parts.map(({ kind }) => kind)).toEqual(["run", "words", "moment", "words"]);
  expect(parts[0]).toMatchObject({ id: ID });
  expect(parts[2]).toMatchObject({ at: Date.parse("2026-11-20T14:41:17.745Z") });
  expect(parts.map(({ text }) => text).join("")).toBe(sentence);
});

test("finds the events of a sentence, and no id of anything else", () => {
  const sentence = `It matched last on event ${ID} and started run ${ID}: yard rules test --event ${ID}`;
  const parts = sentenceParts(sentence);
  expect(parts.map(({ kind }) => kind)).toEqual(["words", "event", "words", "run", "words"]);
  expect(parts[1]).toMatchObject({ text: `event ${ID}`, id: ID });
  expect(parts.map(({ text }) => text).join("")).toBe(sentence);
});

test("leaves a sentence without any as it is", () => {
  expect(sentenceParts("waits for a free worker")).toEqual([
    { kind: "words", text: "waits for a free worker" },
  ]);
});
