import { AppError, type Json } from "@yardmaster/protocol";
import { expect, it, vi } from "vitest";
import type { Arrival, Intake } from "../../inbox/index.ts";
import type { LineRow } from "./line-part.ts";
import { createLineStore, MAX_WAITING, type StorableLine } from "./store-lines.ts";

type Taken = Awaited<ReturnType<Intake>>;
const NEW: Taken = { eventId: "e", duplicate: false, decisions: [] };
const refusedFor = (refused: string): Taken => ({ ...NEW, refused });

const line = (number: number, cursor?: Json): StorableLine => ({
  number,
  bytes: Buffer.from(`${number}`),
  event: { type: "p.hot", extensions: null, data: { number } },
  cursor,
});
const rowOf = ({ company }: Arrival): LineRow => company?.row as LineRow;

function setup(take: (arrival: Arrival) => Promise<Taken>) {
  const told = { room: [] as boolean[], stored: 0, refused: [] as string[], fenced: 0, pauses: 0 };
  const cursors: Json[] = [];
  const store = createLineStore({
    ...{ take, ref: "p.s", fence: 3 },
    moveCursor: async (cursor) => {
      cursors.push(cursor);
      return true;
    },
    onRoom: (hasRoom) => told.room.push(hasRoom),
    onStored: (lines) => {
      told.stored += lines;
    },
    onRefused: ({ number }, reason) => told.refused.push(`${number}: ${reason}`),
    onFenced: () => {
      told.fenced++;
    },
    pause: async () => {
      told.pauses++;
    },
  });
  return { store, told, cursors };
}

it("stores lines in their order, each with its place, its fence and its cursor", async () => {
  const rows: LineRow[] = [];
  const { store, told, cursors } = setup(async (arrival) => {
    rows.push(rowOf(arrival));
    return NEW;
  });
  store.push(line(1));
  store.pushCursor("with the next");
  store.push(line(2));
  store.pushCursor("lost to the next one's own");
  store.push(line(3, null));
  store.pushCursor("by itself");
  await store.idle();
  expect(rows).toEqual([
    { ref: "p.s", fence: 3, place: 1, cursor: undefined },
    { ref: "p.s", fence: 3, place: 2, cursor: "with the next" },
    { ref: "p.s", fence: 3, place: 3, cursor: null },
  ]);
  expect(cursors).toEqual(["by itself"]);
  expect(told).toMatchObject({ stored: 3, refused: [], fenced: 0 });
});

it("asks for no more while too many wait, and again when half of them are stored", async () => {
  let release = (): void => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const { store, told } = setup(async () => {
    await held;
    return NEW;
  });
  for (let number = 1; number < MAX_WAITING; number++) store.push(line(number));
  expect(told.room).toEqual([]);
  store.push(line(MAX_WAITING));
  expect(told.room).toEqual([false]);
  release();
  await store.idle();
  expect(told.room).toEqual([false, true]);
  expect(told.stored).toBe(MAX_WAITING);
});

it("few lines that are large wait no more than many small ones", async () => {
  const { store, told } = setup(async () => NEW);
  const large = Buffer.alloc(1024 * 1024);
  for (let number = 1; number <= 4; number++) store.push({ ...line(number), bytes: large });
  expect(told.room).toEqual([false]);
  await store.idle();
  expect(told.room).toEqual([false, true]);
});

it("sends again from the first that was not settled, and waits while PostgreSQL takes nothing", async () => {
  const places: number[] = [];
  const answers: (Taken | AppError)[] = [
    NEW,
    new AppError("unavailable", "away"),
    refusedFor("out_of_order"),
    NEW,
    refusedFor("out_of_order"),
  ];
  const { store, told } = setup(async (arrival) => {
    places.push(rowOf(arrival).place);
    const answer = answers.shift() ?? NEW;
    if (answer instanceof AppError) throw answer;
    return answer;
  });
  for (const number of [1, 2, 3]) store.push(line(number));
  await store.idle();
  expect(places).toEqual([1, 2, 3, 2, 3, 3]);
  expect(told).toMatchObject({ stored: 3, pauses: 1, refused: [] });
});

it("refuses the one line that PostgreSQL refuses, whose place the next one takes", async () => {
  const taken: [number, Json][] = [];
  const { store, told } = setup(async (arrival) => {
    const data = arrival.event?.data as { number: number };
    if (data.number === 2) throw new Error("no such thing can be written");
    const { place } = rowOf(arrival);
    if (data.number === 3 && place === 3) return refusedFor("out_of_order");
    taken.push([place, data.number]);
    return NEW;
  });
  for (const number of [1, 2, 3]) store.push(line(number));
  await store.idle();
  expect(taken).toEqual([
    [1, 1],
    [2, 3],
  ]);
  expect(told).toMatchObject({
    stored: 2,
    refused: ["2: it cannot be stored: no such thing can be written"],
  });
});

it("stores nothing more once the sensor has another process, or it is abandoned", async () => {
  const take = vi.fn(async () => refusedFor("fenced"));
  const { store, told } = setup(take);
  for (const number of [1, 2]) store.push(line(number));
  await store.idle();
  store.push(line(3));
  store.pushCursor(1);
  await store.idle();
  expect(take).toHaveBeenCalledTimes(2);
  expect(told).toMatchObject({ fenced: 1, stored: 0 });
  const other = setup(async () => NEW);
  other.store.push(line(1));
  expect(other.store.abandon()).toBe(1);
  await other.store.idle();
  expect(other.told.stored).toBe(0);
});
