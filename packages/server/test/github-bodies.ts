import { createRequire } from "node:module";
import type { JsonObject } from "@yardmaster/protocol";

export interface GithubBodies {
  /** As `X-GitHub-Event` has it. */
  readonly name: string;
  readonly examples: readonly JsonObject[];
}

const require = createRequire(import.meta.url);

/** Bodies that GitHub really sent, of every kind of event that the package has. */
export const githubBodies: readonly GithubBodies[] = require("@octokit/webhooks-examples");
