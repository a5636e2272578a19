import { expect, test } from "vitest";
import { createRelease } from "./heap.ts";

const MEGABYTE = 1024 * 1024;

/** A process of which each collection leaves `alive` megabytes. */
function processOf(residentMb: number) {
  const place = { residentMb, alive: residentMb, workedShare: 0, collections: 0 };
  const look = createRelease({
    workedShare: () => place.workedShare,
    residentBytes: () => place.residentMb * MEGABYTE,
    collect: async () => {
      place.collections++;
      place.residentMb = place.alive;
    },
  });
  return Object.assign(place, { look });
}

test("what a burst has taken is given back once the process is idle, and not while it works", async () => {
  const place = processOf(100);
  place.residentMb = 300;
  place.workedShare = 0.5;
  await place.look();
  expect(place.collections).toBe(0);
  place.workedShare = 0.01;
  await place.look();
  expect(place).toMatchObject({ collections: 1, residentMb: 100 });
});

test("a little growth is not worth a collection", async () => {
  const place = processOf(100);
  place.residentMb = 163;
  await place.look();
  expect(place.collections).toBe(0);
});

test("what is alive is collected once, not again and again", async () => {
  const place = processOf(100);
  place.residentMb = 300;
  place.alive = 280;
  for (let n = 0; n < 3; n++) await place.look();
  expect(place).toMatchObject({ collections: 1, residentMb: 280 });
});

test("growth counts from the least that the process has taken since", async () => {
  const place = processOf(200);
  place.residentMb = 120;
  await place.look();
  place.residentMb = 190;
  await place.look();
  expect(place.collections).toBe(1);
});
