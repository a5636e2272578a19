import type {
  PackDefinition,
  Problem,
  QueueDefinition,
  RuleDefinition,
  SensorDefinition,
  SourceDefinition,
  TaskDefinition,
} from "@yardmaster/kernel";
import type { DefinitionSource } from "../engine/index.ts";

/** The definitions that are in force, kept up to date by themselves. What answers with a promise asks the store, all else memory. */
export interface Packs {
  readonly source: DefinitionSource;
  active(): readonly ActivePack[];
  rules(): RuleSet;
  sources(): readonly PackSource[];
  queues(): readonly QueueDefinition[];
  sensors(): readonly SensorDefinition[];
  /** The same list as long as nothing of what is active has changed. */
  tasks(): readonly TaskDefinition[];
  /** The names of the queues that active packs declare, in whatever process: this one may not have taken them up yet. */
  declaredQueues(): Promise<readonly string[]>;
  /** The digests of the stored packs, active or not, that declare a queue. */
  packsWithQueue(queue: string): Promise<readonly string[]>;
  /** The text of an active pack's rule, and its place. Throws AppError `not_found`. */
  ruleFile(rule: CompiledRule): Promise<RuleFile>;
  /** A rule that need not be loaded, compiled within its pack. Throws AppError `invalid_request` with each place. */
  compileRule(path: string, text: string): Promise<CompiledRule>;
  /**
   * Is waited for before what has become active is used here, and given its queues: what starts by them finds their
   * limits. Where it fails the change is taken up later.
   */
  beforeChange(prepare: (queues: readonly QueueDefinition[]) => Promise<void>): () => void;
  /** Calls back after what is active has changed, here or in another process; returns the way out. */
  onChange(listener: () => void): () => void;
  /**
   * Calls back after each look at what is in force, every 2 s and when told that something may have changed: rules that
   * were switched too. Returns the way out.
   */
  onLook(listener: () => void): () => void;
  /** Folders that could not be taken up, whichever process found them. Empty when all is well. */
  problems(): Promise<readonly FolderProblems[]>;
  /** Reads the folders again now, and takes up what has changed. */
  reload(): Promise<Reloaded>;
  /** Takes up what other processes have activated, now. For who was told that its revision is old. */
  refresh(): Promise<void>;
  close(): Promise<void>;
}

export interface ActivePack {
  readonly definition: PackDefinition;
  /** Where the version was read from, on the machine that read it. */
  readonly folder: string;
  /** RFC 3339. */
  readonly activatedAt: string;
}

/** A rule of an active pack. Its expressions see `event`: id, source, type, subject, time, extensions, data. */
export type CompiledRule = RuleDefinition;

export interface RuleFile {
  readonly pack: string;
  readonly pack_digest: string;
  /** Where the pack was read from, on the machine that read it. */
  readonly folder: string;
  /** From that folder. */
  readonly file: string;
  readonly line: number;
  readonly source: string;
}

export interface RuleSet {
  /** Of `definition_revision`; a judgement by an older one must be done again. */
  readonly revision: number;
  /** Every rule, disabled ones too, by ref. */
  readonly all: readonly CompiledRule[];
  /** The rules that listen to this event type, by ref; disabled ones too, for the record of why nothing started. */
  rulesFor(eventType: string): readonly CompiledRule[];
}

export interface PackSource extends SourceDefinition {
  readonly pack: string;
}

export interface FolderProblems {
  readonly folder: string;
  /** Null where not even the name could be read. */
  readonly pack: string | null;
  readonly problems: readonly Problem[];
  /** RFC 3339. */
  readonly foundAt: string;
}

export interface Reloaded {
  readonly revision: number;
  readonly problems: readonly FolderProblems[];
}
