/** What a command may touch of the process that it runs in. */
export interface Io {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  readonly env: NodeJS.ProcessEnv;
  /** All of standard input, as text. */
  readonly readStdin: () => Promise<string>;
  /** Node and the program, for service files. */
  readonly program: readonly string[];
}

/** Exit codes that are not those of an error: LSB has 3 for a service that does not run. */
export const EXIT_NOT_RUNNING = 3;
