import type { FileCalls } from "./patience.ts";
import type { LocalPlace, NodePlace } from "./place.ts";

/** What every transfer of one file needs. */
export interface TransferDeps {
  readonly files: FileCalls;
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
  /** The node's own checksum is the same. */
  readonly isVerified: boolean;
}

export interface Download {
  readonly from: NodePlace;
  readonly to: LocalPlace;
  /** What has arrived stays when it is cut off. */
  readonly keepsPart: boolean;
}

export interface Upload {
  readonly from: LocalPlace;
  readonly to: NodePlace;
  /** Makes the folders above it. */
  readonly makesFolders: boolean;
}

/** Ends the names of files that gather: at the node as the protocol says, and here with a mark of which file it is. */
export const PART = ".yard-part";
