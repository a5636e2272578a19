import type { FieldError } from "./errors/errors.ts";

/** What a check of packs without a server comes to (docs/decisions/012), from the program that compiles them to `yard`. */
export interface ChecksOfPacks {
  readonly packs: readonly PackCheck[];
  /** Roots that could not be looked at, and why. */
  readonly unreadable: readonly { readonly folder: string; readonly message: string }[];
}

/** What became of one pack. */
export interface PackCheck {
  readonly folder: string;
  /** Null where pack.yaml does not say it. */
  readonly pack: string | null;
  readonly version: string | null;
  readonly actions: readonly string[];
  readonly workflows: readonly string[];
  readonly rules: readonly string[];
  readonly sources: readonly string[];
  readonly queues: readonly string[];
  readonly agents: readonly string[];
  readonly sensors: readonly string[];
  readonly tasks: readonly string[];
  readonly errors: readonly PlacedError[];
  /** What would not start on this machine, or is hardly meant as it stands; of a pack without errors. */
  readonly warnings: readonly PlacedError[];
}

/** As the API tells errors of packs, and its place in parts. */
export interface PlacedError extends FieldError {
  /** A path from the pack's folder, with `/`. */
  readonly file: string;
  /** Both count from 1. */
  readonly line: number;
  readonly column: number;
}
