import { closingQuote } from "./json-string.ts";

/**
 * How many values one JSON text may hold: lists, objects, texts, numbers, true, false and null. What reading it costs
 * depends on that, not on its bytes. On a slow core a key that is new takes 0.5 to 1 µs, a text 0.2 µs, a number, or a
 * key of an object like others, 0.1 µs and less: so a new key counts as three values more, and a text at the bound
 * keeps a process busy for some 0.05 s, and about 0.1 s with all that is done about it. The largest pushes that GitHub
 * tells of, of 2,048 commits, have a fifth; rows of a few short columns within 1 MiB have two thirds.
 */
const MAX_VALUES = 200_000;
/** Of a key up to which no object before had the same keys in the same order: it makes a shape of objects. */
const NEW_KEY_VALUES = 3;
/** A shorter text cannot hold too much: a value has two characters at least, `1,`, and a new key with its value five. */
const SHORT_CHARS = 250_000;
/** Shapes that are remembered, each at the place that its hash names. */
const SHAPES = 65_536;
const EMPTY_SHAPE = 1;

/** What a JSON text holds, found without parsing it. Of a text that is no JSON, roughly what it would hold. */
export interface JsonMeasure {
  readonly keys: number;
  /** How deeply lists and objects are nested; 0 for a text or a number alone. */
  readonly levels: number;
  /** Why the text is not to be parsed; the rest of the measure is of what comes before that. */
  readonly excess?: string;
}

/** One walk, at about 2 ns for a character, which ends where the text holds too much. */
export function measureJson(text: string): JsonMeasure {
  const shapes = text.length > SHORT_CHARS ? new Int32Array(SHAPES) : undefined;
  const outer: number[] = [];
  /** Hash of the keys that the open object has so far; 0 in a list. */
  let shape = 0;
  let keys = 0;
  let values = 0;
  let level = 0;
  let levels = 0;
  let due: "key" | "value" | "none" = "value";
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0x2c) due = shape === 0 ? "value" : "key";
    else if (code === 0x3a) due = "value";
    else if (code === 0x5b || code === 0x7b) {
      values++;
      if (++level > levels) levels = level;
      outer.push(shape);
      shape = code === 0x7b ? EMPTY_SHAPE : 0;
      due = code === 0x7b ? "key" : "value";
    } else if (code === 0x5d || code === 0x7d) {
      level--;
      shape = outer.pop() ?? 0;
      due = "none";
    } else if (code > 0x20) {
      const start = i;
      if (code === 0x22) i = closingQuote(text, i);
      if (due === "value") values++;
      else if (due === "key") {
        keys++;
        if (shapes !== undefined) {
          shape = shapeWith(shape, text, start, i);
          if (!isKnown(shapes, shape)) values += NEW_KEY_VALUES;
        }
      }
      due = "none";
    }
    if (values > MAX_VALUES) return { keys, levels, excess: tooMany(i, text) };
  }
  return { keys, levels };
}

/** The hash of an object's keys with one more; not 0. */
function shapeWith(shape: number, text: string, start: number, end: number): number {
  let hash = shape;
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return Math.imul(hash ^ (hash >>> 15), 0x85ebca6b) | 1;
}

/** Whether a shape is remembered; it is from now on. */
function isKnown(shapes: Int32Array, shape: number): boolean {
  const place = (shape >>> 8) % SHAPES;
  const known = shapes[place] === shape;
  shapes[place] = shape;
  return known;
}

function tooMany(at: number, text: string): string {
  const place = `its first ${grouped(at + 1)} of ${grouped(text.length)} characters`;
  return `it has more than ${grouped(MAX_VALUES)} values (a key unlike those before counts as three more): so many are in ${place}`;
}

/** Why a text is not to be parsed; one that is too short to hold too much is not walked. */
export function jsonExcess(text: string): string | undefined {
  return text.length <= SHORT_CHARS ? undefined : measureJson(text).excess;
}

function grouped(count: number): string {
  return count.toLocaleString("en-US");
}
