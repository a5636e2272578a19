import { isAppError } from "@yardmaster/protocol";
import type { CloudEvent } from "../../src/events/cloud-event.ts";
import { readCloudEvents } from "../../src/events/cloud-event-request.ts";
import { type FuzzTarget, must, mustComeBack, wordFor } from "../target.ts";
import { requestOf } from "./request.ts";

const EVENT =
  '{"specversion":"1.0","id":"a","source":"/s","type":"com.example.a","subject":"x","time":"2026-01-31T09:30:00.5+01:00","dataschema":"https://a.test/b","traceparent":"00-1","ext":1,"data":{"n":[1,null]}}';

/** CloudEvents over HTTP in all three modes: refused with an AppError, or events that can be stored and sent on. */
export const cloudEventTarget: FuzzTarget = {
  name: "cloud-event",
  seeds: [
    `Content-Type: application/cloudevents+json\n\n${EVENT}`,
    `Content-Type: application/cloudevents-batch+json; charset=utf-8\n\n[${EVENT},${EVENT}]`,
    'Content-Type: application/json\nce-specversion: 1.0\nce-id: %C3%A9%20\nce-source: s\nce-type: a.b\nce-time: 2026-01-01T00:00:00Z\nce-x: 1\n\n{"a":1}',
    '\n\n{"type":"a","data":{}}',
    'Content-Type: application/json\n\n{"type":"yard.run.finished"}',
  ],
  words: [
    '"time":"',
    '"0000-01-01T00:00:00+01:00"',
    '"2026-02-30T00:00:00Z"',
    '"9999-12-31T23:59:59-23:59"',
    "T24:00:00Z",
    "ce-",
    "ce-type: ",
    "%00",
    "%ED%A0%80",
    '"data_base64":"',
    '"datacontenttype":"',
    "\\ud800",
    "\\u0000",
    "1e400",
    '"ext":',
    '"type":"',
    "YARD.",
    "schedule",
    "\n\n",
    "[",
    "]",
    '"__proto__":1',
  ],
  run(input) {
    const { headers, body } = requestOf(input);
    let events: readonly CloudEvent[];
    try {
      events = readCloudEvents(headers, body).events;
    } catch (error) {
      if (!isAppError(error)) throw error;
      for (const { path, message } of error.errors)
        must(/^($|\/|\d+:\d+$)/.test(path) && message !== "", "an error's place", path);
      return `${error.code} ${wordFor(error.errors[0]?.message ?? error.message)}`;
    }
    for (const event of events) mustBeStorable(event);
    return `${events.length > 1} ${Object.keys(events[0] ?? {}).join()} ${events[0]?.extensions !== null}`;
  },
};

function mustBeStorable(event: CloudEvent): void {
  mustComeBack(event);
  const { extensions, data, ...attributes } = event;
  for (const [name, text] of Object.entries(attributes))
    must(text !== "" && !/[\p{Cc}\p{Cs}]/u.test(text), "an attribute", name, text);
  for (const [name, value] of Object.entries(extensions ?? {}))
    must(!/[\p{Cc}\p{Cs}]/u.test(String(value)), "an extension", name, value);
  must(!/^(yard|schedule)(\.|$)/i.test(event.type), "a reserved type was let through", event.type);
  if (event.time !== undefined) mustBeTime(event.time);
  const again = { ...attributes, ...extensions, data };
  const headers = { "content-type": "application/cloudevents+json" };
  const read = readCloudEvents(headers, Buffer.from(JSON.stringify(again))).events[0];
  must(JSON.stringify(read) === JSON.stringify(event), "sent on it is another event", read, event);
}

/** PostgreSQL knows no year 0, and what was written must be what is kept. */
function mustBeTime(text: string): void {
  const iso = new Date(text).toISOString();
  must(/^(?!0000)\d{4}-/.test(iso), "a time that cannot be stored", text, iso);
  const sameDay = new Date(`${text.slice(0, 10)}T00:00:00Z`).toISOString().slice(0, 10);
  must(sameDay === text.slice(0, 10), "a day that is not in the calendar", text, iso);
}
