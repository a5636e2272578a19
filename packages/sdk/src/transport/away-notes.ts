/** What is told of the connection of something that is followed, or waited for: both outlive a server that is away. */
export interface AwayNotes {
  /** Told once the server could not be reached again after a break; it is tried again and again. */
  readonly onAway?: (() => void) | undefined;
  /** Told when it has answered after that. */
  readonly onBack?: (() => void) | undefined;
}
