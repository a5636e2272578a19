import type { IncomingHttpHeaders } from "node:http";
import { AppError, type JsonObject } from "@yardmaster/protocol";
import { deliveryKey } from "../deliveries/delivery.ts";
import { sourceKinds } from "../kinds/index.ts";
import type { Intake, Taken } from "./intake.ts";

/** What a source should have been sent, as it would have come. */
export interface FoundDelivery {
  readonly source: string;
  readonly kind: string;
  /** The same for the same fact, whoever finds it: the second is a duplicate. */
  readonly senderId: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: JsonObject;
  /** Who has found it: `tracker:main`. */
  readonly foundBy: string;
}

export type TakeFound = (found: FoundDelivery) => Promise<Taken>;

/** CloudEvents extension of what no sender has brought. */
const FOUND = { foundby: "polling" } as const;

/** Takes what was found lost the way of any webhook; that it was found stands with its event. */
export function createTakeFound(take: Intake): TakeFound {
  return async ({ source, kind: kindName, senderId, headers, body, foundBy }) => {
    const kind = sourceKinds.get(kindName);
    const name = kind?.eventName(headers, body);
    if (kind === undefined || typeof name !== "string")
      throw new AppError("internal", `What was found is no delivery of ${kindName} (found-kind).`);
    const text = JSON.stringify(body);
    return await take({
      ...{ channel: "tracker", source, headers, senderId, verifiedBy: foundBy, problem: null },
      body: Buffer.from(text),
      keys: [senderKey(source, senderId)],
      event: {
        ...{ type: `${kind.name}.${name}`, source, subject: kind.subject(body) },
        ...{ originId: senderId, dataschema: null, extensions: FOUND },
        ...{ data: body, dataText: text, isBody: true },
      },
    });
  };
}

/** What of a source came under the same id is the same delivery. */
export function senderKey(source: string, senderId: string) {
  return deliveryKey(null, "id", source, senderId);
}
