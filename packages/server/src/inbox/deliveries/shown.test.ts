import { expect, it } from "vitest";
import { shownBody } from "./shown-body.ts";
import { shownHeaders } from "./shown-headers.ts";

it("shows a body as text, to its limit, without half of a character", () => {
  const body = Buffer.from("grüße");
  expect(shownBody(body, 100)).toEqual({ encoding: "text", value: "grüße", cut: false });
  expect(shownBody(body, 3)).toEqual({ encoding: "text", value: "gr", cut: true });
  expect(shownBody(body, 0)).toEqual({ encoding: "text", value: "", cut: true });
});

it("shows in base64 what is no text", () => {
  const body = Buffer.from([0xff, 0x00, 0x41]);
  expect(shownBody(body, 100)).toEqual({ encoding: "base64", value: "/wBB", cut: false });
});

it("shows no header that lets its reader act as the sender", () => {
  const headers = {
    ...{ "x-gitlab-token": "t", authorization: "Bearer t", "x-api-key": "t", cookie: "t" },
    ...{ "content-type": "application/json", "x-hub-signature-256": "sha256=00" },
  };
  expect(shownHeaders(headers)).toEqual({
    ...{ "x-gitlab-token": "(not shown)", authorization: "(not shown)" },
    ...{ "x-api-key": "(not shown)", cookie: "(not shown)" },
    ...{ "content-type": "application/json", "x-hub-signature-256": "sha256=00" },
  });
});
