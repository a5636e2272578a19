import type { StepFile, WorkError } from "@yardmaster/protocol";

/** What is stored of a file. */
export type Content = Pick<StepFile, "bytes" | "sha256">;

/** The files of one attempt. Made by whoever stores them; what goes wrong in the store is thrown. */
export interface AttemptFiles {
  /** To be put into its work folder before it starts. */
  readonly given: readonly StepFile[];
  /** Why one of `given` cannot be used; undefined where all can. Before the first `read`. */
  refused(): Promise<WorkError | undefined>;
  /** The content of one of `given`, from a byte on, in pieces of at most 1 MiB. */
  read(sha256: string, from: number): AsyncIterable<Buffer>;
  /**
   * Why these are too much beside what its tree of runs has already; undefined where they are not. Asked before they
   * are stored, so that nothing is stored in vain, and after: of those who store at once each sees the others then.
   */
  overLimit(handed: readonly Content[]): Promise<WorkError | undefined>;
  /** A content that is stored already becomes the run's; false where there is none, and it must be written. */
  reuse(sha256: string): Promise<boolean>;
  /** Takes a content that the attempt hands back. */
  write(): ContentSink;
}

/** Takes one content, in order. Until it is finished nobody sees it. */
export interface ContentSink {
  /** Resolves when it may have more. */
  add(bytes: Buffer): Promise<void>;
  /** That was all, and from now on it is the run's. False where it has another checksum: then it is dropped. */
  finish(sha256: string): Promise<boolean>;
  /** It is not wanted after all. */
  drop(): Promise<void>;
}
