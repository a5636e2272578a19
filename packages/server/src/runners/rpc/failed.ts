import type { WorkError } from "@yardmaster/protocol";

/** Thrown where a conversation cannot go on: what its attempt fails with. */
export class Failed extends Error {
  readonly error: WorkError;

  constructor(error: WorkError) {
    super(error.message);
    this.name = "Failed";
    this.error = error;
  }
}
