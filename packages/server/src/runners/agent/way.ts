import type { ProcessSpec } from "@yardmaster/kernel";
import type { AttemptContext } from "../runner.ts";
import type { createListener } from "./listener.ts";

/** How one agent is asked: what is started for it, and how what it prints is heard. */
export interface Way {
  readonly process: ProcessSpec;
  readonly listener: ReturnType<typeof createListener>;
  /** Of one that is spoken with. */
  readonly talk?: NonNullable<AttemptContext["talk"]>;
  /** Has it break off what it does. Resolves when it has; it may never. */
  readonly breakOff?: () => Promise<void>;
}
