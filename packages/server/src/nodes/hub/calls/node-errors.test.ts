import { expect, it } from "vitest";
import { nodeError } from "./node-errors.ts";

it.each([
  ["/srv/a: the disk is full (ENOSPC)", "Node lab, write /srv/a: the disk is full (ENOSPC)"],
  ["/srv/a is not there", "Node lab, write /srv/a: it is not there"],
  ["/srv is no folder", "Node lab, write /srv/a: /srv is no folder"],
])("names a path once, and another one that failed too: %s", (detail, told) => {
  const failure = { reason: "io_error", detail };
  expect(nodeError("write", "lab", failure, "write /srv/a").message).toBe(told);
});
