import { AppError } from "@yardmaster/protocol";
import { expect, it } from "vitest";
import { serveRoutes } from "../../test/http.ts";
import type { Engine } from "../engine/index.ts";
import type { FolderProblems } from "../packs/index.ts";
import { runRoutes } from "./index.ts";

const PROBLEM = { file: "actions/say.yaml", line: 2, column: 9, message: "no runner\nas a list" };

function asked(found: Partial<FolderProblems>, ref: string) {
  const engine = {
    prepare() {
      throw new AppError("unknown_ref", `there is no action or workflow "${ref}"`, {
        errors: [{ path: "/ref", message: "there is none" }],
      });
    },
  } as unknown as Engine;
  const problems = async () => [{ problems: [PROBLEM], ...found } as unknown as FolderProblems];
  const { http } = serveRoutes(runRoutes(engine, { problems }));
  return http.inject({ method: "POST", url: "/v1/runs", payload: { ref } });
}

it.each([
  ["by its name", { pack: "p", folder: "/packs/other" }],
  ["by its folder, where not even the name can be read", { pack: null, folder: "/packs/p" }],
])("says of a ref that is unknown that its pack is broken, and where: %s", async (_, found) => {
  const answer = await asked(found, "p.new");
  expect(answer.statusCode).toBe(404);
  const { code, detail, errors } = answer.json();
  expect(code).toBe("unknown_ref");
  expect(detail).toContain("the pack p is broken");
  expect(detail).toContain("actions/say.yaml:2:9: no runner. To see all that is wrong:");
  expect(detail).toContain(`yard pack check ${found.folder}`);
  expect(errors).toHaveLength(2);
});

it("says nothing of another pack that is broken", async () => {
  const answer = await asked({ pack: "other", folder: "/packs/other" }, "p.new");
  expect(answer.json().detail).toBe('there is no action or workflow "p.new"');
});
