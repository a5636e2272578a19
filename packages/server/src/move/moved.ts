import { AppError } from "@yardmaster/protocol";
import type { Database } from "../db/index.ts";
import { readMoved } from "./moved.store.ts";

/** @throws AppError `conflict` that names where the installation went, and the way back */
export async function refuseIfMoved({ pool }: Pick<Database, "pool">): Promise<void> {
  const moved = await readMoved(pool);
  if (moved === undefined) return;
  const what = `This installation was moved at ${moved.at}, to ${moved.to}.`;
  const there =
    "Start it there: with DATABASE_URL for a database, without it for the PostgreSQL of a data folder.";
  const back = "To go on here, as it was then, run `yard db reopen`; never let both be at work.";
  throw new AppError("conflict", `${what} ${there} ${back}`);
}
