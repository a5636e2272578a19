import { expect, it, vi } from "vitest";
import { currentFolder } from "./current-folder.ts";

it("says of a current folder that was deleted what to do, not where Node.js found out", () => {
  const cwd = vi.spyOn(process, "cwd").mockImplementation(() => {
    throw Object.assign(new Error("ENOENT: no such file or directory, uv_cwd"), { code: "ENOENT" });
  });
  expect(currentFolder).toThrow(/^The current folder is not there any more: go to one that is/);
  cwd.mockRestore();
  expect(currentFolder()).toBe(process.cwd());
});
