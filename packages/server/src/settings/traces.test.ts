import { AppError } from "@yardmaster/protocol";
import { expect, it, test } from "vitest";
import { readSettings } from "./settings.ts";

const read = (env: { readonly [name: string]: string }) => readSettings([], env, "/nowhere").traces;

it("traces nothing unless there is a collector", () => {
  expect(read({})).toBeUndefined();
  expect(read({ OTEL_SERVICE_NAME: "forge", OTEL_EXPORTER_OTLP_HEADERS: "a=b" })).toBeUndefined();
});

test.each([
  ["http://localhost:4318", "http://localhost:4318/v1/traces"],
  ["https://otel.corp.test/in/", "https://otel.corp.test/in/v1/traces"],
])("%s is a collector, and %s is where it takes traces", (endpoint, url) => {
  expect(read({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint })).toEqual({
    url,
    headers: {},
    serviceName: "yardmaster",
  });
});

it("takes a whole URL as it is, headers by their percent-encoded values, and a name of its own", () => {
  expect(
    read({
      OTEL_EXPORTER_OTLP_ENDPOINT: "http://localhost:4318",
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "http://tempo.corp.test/otlp?x=1",
      OTEL_EXPORTER_OTLP_HEADERS: "Authorization=Bearer%20abc, x-scope-orgid=a=b",
      OTEL_SERVICE_NAME: "forge",
    }),
  ).toEqual({
    url: "http://tempo.corp.test/otlp?x=1",
    headers: { authorization: "Bearer abc", "x-scope-orgid": "a=b" },
    serviceName: "forge",
  });
});

test.each([
  ["true", true],
  ["TRUE", true],
  ["false", false],
  ["", false],
  ["1", false],
])("OTEL_SDK_DISABLED=%s turns the traces off: %s", (disabled, isOff) => {
  const collector = { OTEL_EXPORTER_OTLP_ENDPOINT: "http://localhost:4318" };
  const traces = read({ ...collector, OTEL_SDK_DISABLED: disabled });
  expect(traces === undefined).toBe(isOff);
});

test.each([
  ["OTEL_EXPORTER_OTLP_ENDPOINT", "localhost:4317", "must be a URL with http:// or https://"],
  ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "traces", "must be a URL with http:// or https://"],
  ["OTEL_EXPORTER_OTLP_ENDPOINT", "http://me:pw@host", "must hold no credentials; put them into"],
  ["OTEL_EXPORTER_OTLP_HEADERS", "hidden-key", "must be NAME=VALUE"],
  ["OTEL_EXPORTER_OTLP_HEADERS", "a=%E0%A4hidden-key", "the value of a must be percent-encoded"],
])("%s=%s is refused at the start", (name, text, message) => {
  expect(() => read({ [name]: text })).toThrow(`${name}: ${message}`);
});

it("does not repeat headers that are wrong: they may hold a key", () => {
  try {
    read({ OTEL_EXPORTER_OTLP_HEADERS: "hidden-key" });
    expect.unreachable();
  } catch (error) {
    expect(error).toBeInstanceOf(AppError);
    expect(JSON.stringify({ ...(error as AppError), message: String(error) })).not.toContain(
      "hidden-key",
    );
  }
});
