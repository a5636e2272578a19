import { z } from "zod";
import {
  actorField,
  base64Field,
  bytesField,
  countField,
  detailField,
  fileModeField,
  idField,
  pathField,
  reasonField,
  sha256Field,
  textField,
  tsField,
} from "../fields.ts";
import { NODE_LIMITS } from "../limits.ts";

/** Reading and writing files. A result is ok or an error, never both. */

export const WRITE_MODES = ["overwrite", "create", "append"] as const;
export type WriteMode = (typeof WRITE_MODES)[number];

/** What a node says in `node_info` that makes folders with `write`. No capability, as a hello is full with those that there are. */
export const FOLDERS = "folders";

export const read = z.object({
  type: z.literal("read"),
  id: idField,
  path: pathField,
  offset: countField.optional(),
  length: countField.optional(),
  actor: actorField,
  ts: tsField,
});

const refused = {
  id: idField,
  status: z.literal("error"),
  error: reasonField.default("io_error"),
  error_detail: detailField.optional(),
  ts: tsField,
};

export const readResult = z.discriminatedUnion("status", [
  z.object({
    type: z.literal("read_result"),
    id: idField,
    status: z.literal("ok"),
    /** Both absent for an empty file. `size_bytes` is the size of the whole file. */
    content_b64: base64Field.default(""),
    size_bytes: bytesField.default(0),
    eof: z.boolean().optional(),
    /** Of the whole file: where it was read whole, or in ranges one after the other, with the last. */
    sha256: sha256Field.optional(),
    mode: fileModeField.optional(),
    mtime: textField(NODE_LIMITS.tsChars).optional(),
    ts: tsField,
  }),
  z.object({ type: z.literal("read_result"), ...refused }),
]);

/**
 * Without `offset` the content is the whole file. With it, ranges gather in `<path>.yard-part`, each where the one before
 * ended (elsewhere: io_error); one at 0 begins it anew. The one with `expect_sha256`, of the whole file, is the last: with
 * the right hash the part takes the place of `path` (else hash_mismatch, and the part is gone). Until then `path` is as it
 * was, and whoever was cut off asks `read` how large the part is. With `atomic: false` a range is written in place.
 *
 * With `folder` it is a folder that is made, where it is not there; one that is there is file_exists for mode `create`.
 * It gets `file_mode` either way. For nodes that say `folders` alone: others would write an empty file.
 */
export const write = z.object({
  type: z.literal("write"),
  id: idField,
  path: pathField,
  content_b64: base64Field.default(""),
  mode: z.enum(WRITE_MODES).default("overwrite"),
  offset: countField.optional(),
  mkdirs: z.boolean().optional(),
  file_mode: fileModeField.optional(),
  expect_sha256: sha256Field.optional(),
  atomic: z.boolean().optional(),
  folder: z.boolean().optional(),
  actor: actorField,
  ts: tsField,
});

export const writeResult = z.discriminatedUnion("status", [
  z.object({
    type: z.literal("write_result"),
    id: idField,
    status: z.literal("ok"),
    bytes_written: bytesField.default(0),
    /** Of the whole file, once it is in place; absent while ranges gather. */
    sha256: sha256Field.optional(),
    ts: tsField,
  }),
  z.object({ type: z.literal("write_result"), ...refused }),
]);
