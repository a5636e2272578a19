import { type ParseArgsConfig, parseArgs } from "node:util";
import { AppError } from "@yardmaster/protocol/core";
import { messageOf } from "../config/owner-only.ts";

type FlagOptions = NonNullable<ParseArgsConfig["options"]>;
type Values<Options extends FlagOptions> = ReturnType<
  typeof parseArgs<{ options: Options; strict: true }>
>["values"];

/** The flags of a command. Throws `invalid_request` for one that it does not have, and for anything that is no flag. */
export function readFlags<const Options extends FlagOptions>(
  args: readonly string[],
  options: Options,
): Values<Options> {
  try {
    return parseArgs({ args: [...args], options, strict: true }).values as Values<Options>;
  } catch (cause) {
    throw new AppError("invalid_request", messageOf(cause), { cause });
  }
}

/** A field that is there only where it has a value. */
export function pick<Name extends string, Value>(
  name: Name,
  value: Value | undefined,
): { readonly [Key in Name]?: Value } {
  return value === undefined ? {} : ({ [name]: value } as { [Key in Name]: Value });
}
