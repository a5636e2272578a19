import { type Command, InvalidArgumentError } from "commander";

export interface LimitOption {
  readonly limit: number;
}

/** `--limit N` of every list. */
export function withLimit(command: Command): Command {
  return command.option("--limit <n>", "how many at most", positiveInteger, 50);
}

export function positiveInteger(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1)
    throw new InvalidArgumentError("It must be a whole number, 1 or more.");
  return value;
}

export function naturalNumber(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0 || text.trim() === "")
    throw new InvalidArgumentError("It must be a whole number, 0 or more.");
  return value;
}
