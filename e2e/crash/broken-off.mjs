const ends = new Set();

/** `end` is called where the scenario is broken off (SIGTERM): what it ends is detached, and would outlive it. */
export function endIfBrokenOff(end) {
  ends.add(end);
}

export function endWhenBrokenOff() {
  process.once("SIGTERM", async () => {
    await Promise.allSettled([...ends].map((end) => end()));
    process.exit(143);
  });
}
