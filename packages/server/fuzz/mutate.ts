import type { Random } from "../sim/random.ts";

/** What is in reach of a mutation besides the input itself. */
export interface Material {
  readonly others: readonly Buffer[];
  readonly words: readonly string[];
}

export const MAX_INPUT_BYTES = 32 * 1_024;

/** Pieces that break parsers of any kind. */
const NASTY = [
  ..."\0\t\n\r \"'\\`$%&(){}[]<>:;,.-+*/!?#|@~^=_",
  "\r\n",
  "\u00a0",
  "\u2028",
  "\ufeff",
  "\ufffd",
  "é",
  "\u0301",
  "😀",
  "\\u0000",
  "\\ud800",
  "__proto__",
  "constructor",
  "toString",
  "null",
  "NaN",
  "-0",
  "1e999",
  "9007199254740993",
  "-9223372036854775808",
  "99999999999999999999",
  "0.1",
  "../",
  "%00",
  "%2e%2e%2f",
];

type Operator = (input: Buffer, material: Material, random: Random) => Buffer;

const OPERATORS: readonly Operator[] = [
  flipBit,
  (input, _, random) => insert(input, Buffer.from([random.int(0, 255)]), random),
  (input, _, random) => insert(input, Buffer.from(random.pick(NASTY)), random),
  (input, _, random) => replace(input, Buffer.from(random.pick(NASTY)), random),
  insertWord,
  insertWord,
  replaceByWord,
  remove,
  remove,
  repeat,
  changeNumber,
  swap,
  splice,
  splice,
  cut,
];

/** A changed copy: one to five changes, at most 32 KiB. */
export function mutate(input: Buffer, material: Material, random: Random): Buffer {
  let changed = input;
  do changed = random.pick(OPERATORS)(changed, material, random);
  while (random.chance(0.4));
  return changed.subarray(0, MAX_INPUT_BYTES);
}

function flipBit(input: Buffer, _: Material, random: Random): Buffer {
  if (input.length === 0) return input;
  const copy = Buffer.from(input);
  const at = random.int(0, copy.length - 1);
  copy[at] = (copy[at] as number) ^ (1 << random.int(0, 7));
  return copy;
}

function insert(input: Buffer, piece: Buffer, random: Random): Buffer {
  const at = random.int(0, input.length);
  return Buffer.concat([input.subarray(0, at), piece, input.subarray(at)]);
}

function replace(input: Buffer, piece: Buffer, random: Random): Buffer {
  const [from, to] = range(input, random);
  return Buffer.concat([input.subarray(0, from), piece, input.subarray(to)]);
}

function insertWord(input: Buffer, { words }: Material, random: Random): Buffer {
  return words.length === 0 ? input : insert(input, Buffer.from(random.pick(words)), random);
}

function replaceByWord(input: Buffer, { words }: Material, random: Random): Buffer {
  return words.length === 0 ? input : replace(input, Buffer.from(random.pick(words)), random);
}

function remove(input: Buffer, _: Material, random: Random): Buffer {
  return replace(input, Buffer.alloc(0), random);
}

/** Many times: what is quadratic or recursive shows only then. */
function repeat(input: Buffer, _: Material, random: Random): Buffer {
  const [from, to] = range(input, random);
  const piece = input.subarray(from, to);
  const times = random.chance(0.2) ? random.int(50, 5_000) : random.int(1, 8);
  const most = Math.floor(MAX_INPUT_BYTES / Math.max(1, piece.length));
  const copies = Array<Buffer>(Math.min(times, most)).fill(piece);
  return Buffer.concat([input.subarray(0, to), ...copies, input.subarray(to)]);
}

const DIGITS = /\d+/g;
const NUMBERS = ["0", "1", "-1", "255", "65536", "2147483648", "4294967296", "9007199254740992"];

function changeNumber(input: Buffer, _: Material, random: Random): Buffer {
  const text = input.toString("latin1");
  const found = [...text.matchAll(DIGITS)];
  if (found.length === 0) return input;
  const { 0: digits, index } = random.pick(found);
  const other = random.chance(0.5)
    ? random.pick(NUMBERS)
    : String(Number(digits) + random.int(-2, 2));
  return Buffer.from(text.slice(0, index) + other + text.slice(index + digits.length), "latin1");
}

function swap(input: Buffer, _: Material, random: Random): Buffer {
  const [from, to] = range(input, random);
  const middle = random.int(from, to);
  return Buffer.concat([
    input.subarray(0, from),
    input.subarray(middle, to),
    input.subarray(from, middle),
    input.subarray(to),
  ]);
}

/** A piece of another input: what is legal there is nearly legal here. */
function splice(input: Buffer, { others }: Material, random: Random): Buffer {
  if (others.length === 0) return input;
  const other = random.pick(others);
  const [from, to] = range(other, random);
  const piece = other.subarray(from, to);
  return random.chance(0.5) ? insert(input, piece, random) : replace(input, piece, random);
}

function cut(input: Buffer, _: Material, random: Random): Buffer {
  return input.subarray(0, random.int(0, input.length));
}

/** Mostly short ones: a long one leaves little of the input. */
function range(input: Buffer, random: Random): [number, number] {
  const from = random.int(0, input.length);
  const most = random.chance(0.7) ? 8 : input.length;
  return [from, Math.min(input.length, from + random.int(0, most))];
}
