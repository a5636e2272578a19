import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { AppError } from "@yardmaster/protocol";
import type { AppliedMigration } from "./migrations.store.ts";

export interface MigrationFile extends AppliedMigration {
  readonly sql: string;
}

/** The `NNNN_name.sql` of a folder, in order. @throws AppError `internal` on a wrong name or a number used twice. */
export function readMigrationFiles(folder: string): MigrationFile[] {
  const names = readdirSync(folder).filter((name) => name.endsWith(".sql"));
  const files = names.sort().map((name) => readMigration(folder, name));
  files.forEach((file, index) => {
    const before = files[index - 1];
    if (before?.number !== file.number) return;
    throw new AppError(
      "internal",
      `Migrations ${before.name} and ${file.name} have the same number.`,
    );
  });
  return files;
}

function readMigration(folder: string, name: string): MigrationFile {
  const number = /^(\d{4})_[a-z0-9_]+\.sql$/.exec(name)?.[1];
  if (!number)
    throw new AppError("internal", `Migration ${name} must be named like 0001_what_it_does.sql.`);
  // A checkout on Windows may have changed the line ends.
  const sql = readFileSync(join(folder, name), "utf8").replaceAll("\r\n", "\n");
  const checksum = createHash("sha256").update(sql).digest("hex");
  return { number: Number(number), name, checksum, breaking: isBreaking(sql), sql };
}

/** `-- breaking` among the comment lines at the top: older builds cannot work with the schema any more. */
function isBreaking(sql: string): boolean {
  for (const line of sql.split("\n")) {
    if (/^--\s*breaking\b/.test(line)) return true;
    if (!/^(--.*)?\s*$/.test(line)) return false;
  }
  return false;
}
