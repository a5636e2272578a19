import { z } from "zod";
import { NODE_LIMITS } from "./limits.ts";

/*
 * What fields of frames are made of. A longer value is a shape error, except of details, which are cut. Text that
 * names something never has a NUL or half a character: it ends up in a database and in logs.
 */

const NUL = "\u0000";

/** Text that can be stored anywhere: whole characters, no NUL. */
function clean(text: string): string {
  return text.toWellFormed().replaceAll(NUL, "\ufffd");
}

export const textField = (chars: number) => z.string().max(chars).overwrite(clean);
export const namedField = (chars: number) => z.string().min(1).max(chars).overwrite(clean);

export const idField = namedField(NODE_LIMITS.idChars);
export const nodeNameField = namedField(NODE_LIMITS.nameChars).refine(
  (name) => name.trim() !== "",
  "is blank",
);
export const tsField = textField(NODE_LIMITS.tsChars).optional();
export const reasonField = textField(NODE_LIMITS.reasonChars);
/** Cut, not refused. */
export const detailField = z
  .string()
  .overwrite((text) => clean(text.slice(0, NODE_LIMITS.detailChars)));
/** Who asked, as the server's audit has it, for that of the node. Cut, not refused: no call fails for it. */
export const actorField = z
  .string()
  .overwrite((text) => clean(text.slice(0, NODE_LIMITS.actorChars)))
  .optional();
export const versionField = textField(NODE_LIMITS.versionChars);
/** What a program is given has no NUL: no system call takes one. */
const noNul = (text: string) => !text.includes(NUL);
export const pathField = z.string().min(1).max(NODE_LIMITS.pathChars).refine(noNul, "has a NUL");
/** Text that a program wrote: whole characters, else as it is. */
export const outputField = z.string().overwrite((text) => text.toWellFormed());

export const countField = z.int().min(0);
export const seqField = z.int().min(1).max(0xffff_ffff);
/** Milliseconds. */
export const msField = z.int().min(0);
export const bytesField = z.int().min(0);
/** Bytes in memory; base64 (standard alphabet, padded) in a JSON frame. The codec changes one into the other. */
export const dataField = z.custom<Buffer>((value) => Buffer.isBuffer(value), "is no base64");
export const sha256Field = z.string().regex(/^[0-9a-f]{64}$/, "is no SHA-256 in lower-case hex");
/** Octal, as `0644`. */
export const fileModeField = z.string().regex(/^0?[0-7]{3,4}$/, "is no octal file mode");
export const keyField = z.string().regex(/^[A-Za-z0-9_-]{43}$/, "is not 32 bytes as base64url");

export const base64Field = z
  .string()
  .refine((text) => text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text), "is no base64");

export const commandField = z
  .string()
  .min(1)
  .refine(noNul, "has a NUL")
  .refine((text) => Buffer.byteLength(text) <= NODE_LIMITS.commandBytes, "is longer than 256 KiB");

export const envField = z
  .record(z.string().min(1).refine(noNul, "has a NUL"), z.string().refine(noNul, "has a NUL"))
  .refine((env) => Object.keys(env).length <= NODE_LIMITS.envPairs, "has more than 256 pairs")
  .refine((env) => sizeOf(env) <= NODE_LIMITS.envBytes, "is larger than 64 KiB");

function sizeOf(env: Readonly<Record<string, string>>): number {
  let bytes = 0;
  for (const [name, value] of Object.entries(env)) {
    bytes += Buffer.byteLength(name) + Buffer.byteLength(value);
  }
  return bytes;
}

export const labelsField = z
  .record(namedField(NODE_LIMITS.labelChars), textField(NODE_LIMITS.labelChars))
  .refine((labels) => Object.keys(labels).length <= NODE_LIMITS.labels, "has more than 64 labels");

/** Free JSON, no deeper than it can be written again. */
export const jsonField = z.unknown().refine(isShallow, "nests deeper than 64 levels");

function isShallow(value: unknown): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; depth <= NODE_LIMITS.jsonDepth; depth++) {
    level = level.flatMap((item) =>
      typeof item === "object" && item !== null ? Object.values(item) : [],
    );
    if (level.length === 0) return true;
  }
  return false;
}
