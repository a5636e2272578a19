import { describe, expect, it } from "vitest";
import { nextCursor, nextPageLink } from "./page.ts";

describe("the link to the next page", () => {
  it("is the same request with the cursor in place of the one before", () => {
    const link = nextPageLink("/v1/runs?ref=a.b&cursor=old&limit=2", "new+1");
    expect(link).toBe('</v1/runs?ref=a.b&cursor=new%2B1&limit=2>; rel="next"');
    expect(nextCursor(link)).toBe("new+1");
  });

  it("is none on the last page", () => {
    expect(nextCursor(null)).toBeUndefined();
  });

  it("is none where a proxy made nonsense of it", () => {
    expect(nextCursor('<//[>; rel="next"')).toBeUndefined();
  });
});
