import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Longest first: what is begun last must not be what everybody waits for. */
const LONGEST = [
  "e2e/in-time.test.ts",
  "e2e/crash.test.ts",
  "e2e/faults.test.ts",
  "e2e/demo-nodes.test.ts",
  "e2e/docs.test.ts",
  "e2e/page.test.ts",
  "server/test/sensors.test.ts",
  "server/src/sensors/sensors.test.ts",
  "server/src/db/embedded/embedded.test.ts",
  "server/src/nodes/registry/links/links.test.ts",
  "server/test/store-conformance.test.ts",
  "node/src/work/calls/stop.test.ts",
  "node/test/calls.test.ts",
];

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const place = ({ moduleId }: TestSpecification): number => {
      const at = LONGEST.findIndex((name) => moduleId.endsWith(name));
      return at < 0 ? LONGEST.length : at;
    };
    return sorted.toSorted((a, b) => place(a) - place(b));
  }
}
