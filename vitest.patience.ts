import { vi } from "vitest";

/**
 * How long `vi.waitFor` waits where a test does not say: its own second is too short for processes on a busy machine.
 * The same as `expect.poll` has by vitest.config.ts.
 */
const PATIENCE = { timeout: 20_000 };

const { waitFor } = vi;
// Where files share their modules, this is run for each of them: the name tells that it was.
if (waitFor.name !== "waitPatiently")
  vi.waitFor = function waitPatiently(callback, options = PATIENCE) {
    return waitFor(callback, typeof options === "number" ? options : { ...PATIENCE, ...options });
  };
