/** How the service manager starts the node: absolute, and in the foreground. */
export interface ServiceCommand {
  /** Node, then the program. */
  readonly program: readonly string[];
  readonly statePath: string;
}

/** `run` alone stays in the foreground; a service manager must not be given anything else. */
export function argvOf({ program, statePath }: ServiceCommand): string[] {
  return [...program, "run", "--state", statePath];
}
