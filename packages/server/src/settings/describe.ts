import { formatDuration } from "@yardmaster/protocol";
import { z } from "zod";
import { SETTINGS } from "./declared.ts";
import { flagOf, keyOf } from "./given.ts";
import { formatSize } from "./size.ts";

/** A setting as the reference shows it. */
export interface DescribedSetting {
  readonly name: string;
  /** In `yard.yaml`. */
  readonly key: string;
  readonly flag: string | undefined;
  /** Undefined where there is none: the setting is off, or what its description says. */
  readonly fallback: string | undefined;
  readonly about: string;
  /** What may be given, where it is one of few words. */
  readonly choices: readonly string[];
  /** Several may be given, with commas between. */
  readonly isList: boolean;
}

export function describeSettings(): DescribedSetting[] {
  return Object.entries(SETTINGS).map(([name, schema]) => ({
    name,
    key: keyOf(name),
    flag: flagOf(name),
    fallback: fallbackOf(schema),
    about: schema.description ?? "",
    choices: choicesOf(schema),
    isList: shapeOf(schema, "output").type === "array",
  }));
}

interface Shape {
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly items?: Shape;
  readonly anyOf?: readonly Shape[];
}

function shapeOf(schema: z.ZodType, io: "input" | "output"): Shape {
  return z.toJSONSchema(schema, { io, unrepresentable: "any" }) as Shape;
}

function fallbackOf(schema: z.ZodType): string | undefined {
  const parsed = schema.safeParse(undefined);
  if (!parsed.success || parsed.data === undefined) return undefined;
  const { data } = parsed;
  if (Array.isArray(data)) return data.length === 0 ? undefined : data.join(",");
  if (typeof data === "number" && schema.meta()?.["unit"] === "bytes") return formatSize(data);
  // Written as text alone and read as a number: a duration.
  const given = shapeOf(schema, "input");
  const types = [given, ...(given.anyOf ?? [])].map(({ type }) => type);
  const isDuration =
    typeof data === "number" && types.includes("string") && !types.includes("number");
  return isDuration ? durationText(data) : String(data);
}

const DAY_MS = 86_400_000;

/** As people write it: days where it is so many, else seconds. */
function durationText(ms: number): string {
  return ms >= DAY_MS && ms % DAY_MS === 0 ? `${ms / DAY_MS}d` : formatDuration(ms);
}

function choicesOf(schema: z.ZodType): readonly string[] {
  const { enum: words, items } = shapeOf(schema, "output");
  return words ?? items?.enum ?? [];
}
