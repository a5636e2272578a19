import { z } from "zod";
import { absolutePath, base64, waitSchema } from "./node-call-values.ts";
import { idSchema, timeSchema } from "./values.ts";

/** A range of a file in one call to a node with the capability `files`. */
export const MAX_FILE_RANGE_BYTES = 1024 * 1024;
/** A whole file in one call to a base node. */
export const MAX_FILE_BYTES = 10 * 1024 * 1024;

/** Body of `POST /v1/nodes/{name}/read`. Without `offset` and `length`: the beginning, at most 1 MiB, or the whole file of a base node. */
export const readFileSchema = z
  .strictObject({
    path: absolutePath,
    offset: z.int().min(0).optional(),
    length: z.int().min(1).max(MAX_FILE_RANGE_BYTES).optional(),
    wait: waitSchema.optional(),
  })
  .meta({ id: "ReadNodeFile" });
export type ReadNodeFile = z.input<typeof readFileSchema>;

export const fileContentSchema = z
  .object({
    request_id: idSchema,
    node: z.string(),
    path: z.string(),
    content_b64: z.string(),
    size_bytes: z.number().int().describe("Of the whole file."),
    eof: z.boolean(),
    sha256: z
      .string()
      .nullable()
      .describe(
        "Hex, of the whole file: where it was read whole, or in ranges one after the other, with the last. Null otherwise.",
      ),
    mode: z.string().nullable().describe("Octal: `0644`."),
    mtime: timeSchema.nullable(),
  })
  .meta({ id: "NodeFileContent" });
export type NodeFileContent = z.infer<typeof fileContentSchema>;

const SHA256 = z.string().regex(/^[0-9a-f]{64}$/, "must be SHA-256 in lower-case hex");

/** Body of `POST /v1/nodes/{name}/write`: at most 1 MiB with `offset`, else 10 MiB, or a folder. */
export const writeFileSchema = z
  .strictObject({
    path: absolutePath,
    content_b64: base64(MAX_FILE_BYTES)
      .optional()
      .describe("The content of the file; there is none of a folder."),
    mode: z.enum(["overwrite", "create", "append"]).default("overwrite"),
    offset: z
      .int()
      .min(0)
      .optional()
      .describe(
        "A range: it gathers in `<path>.yard-part`, which takes the place of the file with the range that has `expect_sha256`. In place with `atomic: false`.",
      ),
    mkdirs: z.boolean().optional(),
    file_mode: z
      .string()
      .regex(/^0?[0-7]{3}$/, "must be octal, such as 0644")
      .optional(),
    expect_sha256: SHA256.optional().describe(
      "Of the whole file: refused where it arrives otherwise. With ranges it says which is the last.",
    ),
    atomic: z
      .boolean()
      .optional()
      .describe("Left out: true. The old file or the new one, never half."),
    folder: z
      .boolean()
      .optional()
      .describe(
        "Makes a folder, for which there is `mode` create (409 where it is there) or overwrite, `mkdirs` and `file_mode`. Needs a node whose client knows of folders, else 422 `unsupported`.",
      ),
    wait: waitSchema.optional(),
  })
  .refine(({ content_b64, folder }) => folder === true || content_b64 !== undefined, {
    path: ["content_b64"],
    message: 'is missing: the content in base64, "" for an empty file',
  })
  .refine((body) => body.folder !== true || isOfFolder(body), {
    path: ["folder"],
    message: "has no content, offset, expect_sha256 or atomic, and no mode append; leave them out",
  })
  .refine(({ mode, offset }) => mode !== "append" || offset === undefined, {
    path: ["offset"],
    message: "is not for mode `append`, which adds at the end; leave it out",
  })
  .meta({ id: "WriteNodeFile" });
function isOfFolder(body: { readonly mode: string; readonly [field: string]: unknown }): boolean {
  const { mode, content_b64, offset, expect_sha256, atomic } = body;
  const ofFiles = [offset, expect_sha256, atomic].filter((field) => field !== undefined);
  return mode !== "append" && !content_b64 && ofFiles.length === 0;
}

export type WriteNodeFile = z.input<typeof writeFileSchema>;

export const writtenFileSchema = z
  .object({
    request_id: idSchema,
    node: z.string(),
    path: z.string(),
    bytes_written: z.number().int(),
    sha256: z.string().nullable(),
  })
  .meta({ id: "WrittenNodeFile" });
export type WrittenNodeFile = z.infer<typeof writtenFileSchema>;
