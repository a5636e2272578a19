import type { Client } from "@yardmaster/sdk";
import type { LocalPlace, NodePlace } from "./place.ts";

/** What every transfer of one file needs. */
export interface TransferDeps {
  readonly client: Client;
  readonly signal: AbortSignal;
  /** Told how much of how much is there. */
  onProgress(doneBytes: number, totalBytes: number): void;
}

export interface Transferred {
  readonly bytes: number;
  readonly sha256: string;
  /** Were there already from a copy that was cut off. */
  readonly resumedBytes: number;
  /** The mode at the source, 0644 as 0o644; null where the node did not say. */
  readonly mode: number | null;
}

export interface Download {
  readonly from: NodePlace;
  readonly to: LocalPlace;
}

export interface Upload {
  readonly from: LocalPlace;
  readonly to: NodePlace;
  /** Makes the folders above it. */
  readonly makesFolders: boolean;
}

/** Where the beginning of a file waits for its rest, at the source's side of a download and at the node's of an upload. */
export const PART = ".yard-part";
