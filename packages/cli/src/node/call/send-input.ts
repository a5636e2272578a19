import { isAppError } from "@yardmaster/protocol/core";
import type { Client } from "@yardmaster/sdk";
import type { Io } from "../../io.ts";
import { printable } from "../../output/printable.ts";
import { createInputSender, type InputSender } from "./input-sender.ts";

/** The stdin of a call that runs. What comes after its end is no error: it did not want it. */
export function inputOf(
  { client, io, node }: { readonly client: Client; readonly io: Io; readonly node: string },
  call: string,
): InputSender {
  return createInputSender(
    ({ bytes, isLast }) =>
      client.nodes.input(node, call, {
        ...(bytes.length > 0 && { data_b64: Buffer.from(bytes).toString("base64") }),
        ...(isLast && { eof: true }),
      }),
    (error) => {
      if (isAppError(error) && AFTER_THE_END.has(error.code)) return;
      const why = isAppError(error) ? error.message : String(error);
      io.stderr.write(`yard: no more input is sent: ${printable(why)}\n`);
    },
  );
}

const AFTER_THE_END: ReadonlySet<string> = new Set(["not_found", "already_final", "conflict"]);
