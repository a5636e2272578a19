import { isAppError, nextCursor, nextPageLink } from "@yardmaster/protocol";
import { traceOf } from "../../src/events/event.ts";
import { idempotencyKey } from "../../src/http/idempotency-key.ts";
import { createRequestIds, traceparentOf } from "../../src/http/trace.ts";
import { preferredWaitS } from "../../src/runs/prefer.ts";
import { type FuzzTarget, must } from "../target.ts";

const EVENT = "01890a5d-ac96-774b-bcce-b302099a8057";
const TRACE = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;
const requestIds = createRequestIds();

/** One header's value, read as each of those that Yardmaster reads. */
export const headerTarget: FuzzTarget = {
  name: "header",
  seeds: [
    "respond-async, wait=10",
    'wait="5"; foo=bar',
    "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    '</v1/runs?cursor=a%2Fb&limit=2>; rel="next"',
    "my-key-1",
  ],
  words: [
    "wait=",
    "wait = ",
    ";",
    ",",
    " ",
    '"',
    "00-",
    "ff-",
    "0".repeat(32),
    "<",
    ">",
    'rel="next"',
    "?cursor=",
    "//[",
    "%",
  ],
  run(input) {
    const text = input.toString("latin1");
    const waitS = preferredWaitS(text);
    must(waitS === undefined || (waitS >= 0 && waitS <= 60), "seconds", waitS);
    const trace = traceparentOf(text);
    must(trace === undefined || TRACE.test(trace), "a traceparent", trace);
    must(TRACE.test(traceOf(EVENT, text)), "the trace of an event", text);
    must(/^[\w.:-]{1,128}$/.test(requestIds(text)), "a request id", text);
    const cursor = nextCursor(text);
    const page = nextPageLink(`/v1/runs?${text.replace(/[<>]/g, "")}`, text);
    must(!page.includes("\n") && nextCursor(page) === input.toString("latin1"), "a cursor", page);
    let key = "refused";
    try {
      key = idempotencyKey(text) === text ? "key" : "other";
    } catch (error) {
      if (!isAppError(error)) throw error;
    }
    return `${waitS} ${trace !== undefined} ${cursor !== undefined} ${key}`;
  },
};
