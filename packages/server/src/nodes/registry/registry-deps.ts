import type { NewId } from "@yardmaster/protocol";
import type { Database, Log } from "../../db/index.ts";
import type { Processes } from "../../engine/index.ts";
import type { Sealer } from "../../sealing/index.ts";
import type { Tell } from "./tell.ts";

export interface RegistryDeps {
  readonly database: Pick<Database, "pool" | "withTransaction" | "listen">;
  readonly processes: Processes;
  readonly sealer: Sealer;
  readonly tell: Tell;
  readonly log: Log;
  readonly newId: NewId;
  readonly random: (bytes: number) => Buffer;
  /** Milliseconds of a clock that never jumps. */
  readonly monotonicMs: () => number;
}
