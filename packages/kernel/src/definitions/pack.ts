import type { JsonObject } from "@yardmaster/protocol";
import type { LaneRate } from "../admission/index.ts";
import type { Expression, Template } from "../expressions/index.ts";
import type { ScheduleText } from "../schedule/index.ts";
import type { Validator } from "../schema/index.ts";
import type { ActionDefinition, ProcessSpec, WorkflowDefinition } from "./definition.ts";

/** A compiled pack: everything that its files define, ready to be used. */
export interface PackDefinition {
  readonly name: string;
  readonly version: string;
  readonly description?: string;
  readonly digest: string;
  /** By ref (`pack.name`), as are workflows. */
  readonly actions: ReadonlyMap<string, ActionDefinition>;
  readonly workflows: ReadonlyMap<string, WorkflowDefinition>;
  readonly rules: readonly RuleDefinition[];
  readonly sources: readonly SourceDefinition[];
  readonly queues: readonly QueueDefinition[];
  /** The refs of its agents' profiles; an action holds the profile itself. */
  readonly agents: readonly string[];
  readonly sensors: readonly SensorDefinition[];
  readonly tasks: readonly TaskDefinition[];
  /** What people wrote of actions and workflows, by ref. */
  readonly descriptions: ReadonlyMap<string, string>;
  /** The refs of actions and workflows that are tools of their own for MCP clients. */
  readonly tools: ReadonlySet<string>;
}

/** On an event of type `on`, where the condition holds, start a run of `run` with the input `with`. */
export interface RuleDefinition {
  readonly ref: string;
  /** An event type, or the beginning of one and `.*`: `gitea.*` is every type that starts with `gitea.`. */
  readonly on: string;
  readonly condition?: Expression;
  readonly run: string;
  /** Absent: the run's input is `{}`. */
  readonly with?: Template;
  readonly enabled: boolean;
  readonly packDigest: string;
  readonly description?: string;
}

export const SOURCE_KINDS = ["gitea", "forgejo", "github", "generic"] as const;
export type SourceKind = (typeof SOURCE_KINDS)[number];

/** Where events come in: `POST /webhook/{name}`. The secret is read where it is used, never kept here. */
export interface SourceDefinition {
  readonly name: string;
  readonly kind: SourceKind;
  readonly secret: SecretPlace;
  readonly description?: string;
}

export type SecretPlace =
  | { readonly env: string }
  | { readonly file: string }
  /** By its name among the secrets of the installation. */
  | { readonly secret: string };

/** A long-running process whose lines are events. There is one of it in the whole installation. */
export interface SensorDefinition {
  readonly ref: string;
  /** Its `output` says nothing: stdout is read line by line. */
  readonly process: ProcessSpec;
  /** Given to the process as it is. */
  readonly config: JsonObject;
  /** Of each type (`<pack>.<name>`) what its data is. At least one. */
  readonly events: ReadonlyMap<string, Validator>;
  readonly packDigest: string;
  readonly description?: string;
}

export const MISFIRE_POLICIES = ["run_once", "skip", "run_all"] as const;
export type MisfirePolicy = (typeof MISFIRE_POLICIES)[number];

/** What becomes of fires that nobody was there for. */
export interface MisfireRule {
  /** One run for all of them, none, or each in its order. */
  readonly policy: MisfirePolicy;
  /** One that is not later than this is not missed. */
  readonly graceMs: number;
  /** Runs that `run_all` makes up for at most: the latest ones. */
  readonly limit: number;
}

/** A schedule bound to a workflow: when it is due, a run of `run` starts with the input `with`. */
export interface TaskDefinition {
  readonly ref: string;
  readonly schedule: ScheduleText;
  readonly run: string;
  /** Its expressions see `event`, the `schedule.due` of the fire. Absent: the run's input is `{}`. */
  readonly with?: Template;
  readonly misfire: MisfireRule;
  readonly packDigest: string;
  readonly title?: string;
  readonly description?: string;
}

/** A lane of admission. A limit that is absent is none. */
export interface QueueDefinition {
  readonly name: string;
  /** Attempts at once, over all keys. */
  readonly concurrency?: number;
  /** Attempts at once with the same key. */
  readonly keyConcurrency?: number;
  /** Attempts that may start in a time, over all keys. */
  readonly rate?: LaneRate;
  /** One run at a time for each key, in the order of their arrival; a key is held until its run is final. */
  readonly fifo: boolean;
  readonly description?: string;
}
