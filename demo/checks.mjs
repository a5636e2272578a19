/**
 * Collects what was looked at: `check` notes a sentence, and returns whether it holds; a test that throws does not hold.
 */
export function createChecks() {
  const failed = [];
  let count = 0;
  function check(sentence, test) {
    count++;
    try {
      if (test()) return true;
      failed.push(sentence);
    } catch (error) {
      failed.push(`${sentence} (${error.message})`);
    }
    return false;
  }
  return { check, failed, count: () => count };
}
