import { failureCode } from "@yardmaster/protocol";

const MAX_CAUSES = 5;

/**
 * What a log says of an error: no more than these fields. Errors carry more, and not all of it is ours to keep: those
 * of PostgreSQL hold values of rows in `detail` and `where`, those of HTTP clients hold headers.
 */
export interface ErrorFields {
  readonly type: string;
  readonly message: string;
  readonly code?: string;
  readonly stack?: string;
  readonly cause?: ErrorFields;
}

export function errorFields(thrown: unknown, causes = 0): ErrorFields {
  if (!(thrown instanceof Error)) return { type: typeof thrown, message: String(thrown) };
  const { cause, stack } = thrown;
  const code = failureCode(thrown);
  return {
    type: thrown.name,
    message: thrown.message,
    ...(code !== undefined && { code }),
    ...(stack !== undefined && { stack }),
    ...(cause !== undefined && causes < MAX_CAUSES && { cause: errorFields(cause, causes + 1) }),
  };
}
