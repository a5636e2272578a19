/** Several times what it takes on a slow machine. */
const MOST_MS = 90_000;
const EXIT_CODES = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 };

/**
 * Ctrl-C and the like end the story early, and so does a story that hangs; what was started is then removed as at its
 * end. `race` rejects as soon as that happens; `code` is the exit code for a signal, undefined without one.
 */
export function onInterrupt() {
  const controller = new AbortController();
  const { signal } = controller;
  let code;
  for (const [name, exitCode] of Object.entries(EXIT_CODES))
    process.on(name, () => {
      code ??= exitCode;
      controller.abort(new Error(`interrupted by ${name}`));
    });
  const abort = () => controller.abort(new Error(`it did not end within ${MOST_MS / 1_000} s`));
  setTimeout(abort, MOST_MS).unref();
  const interrupted = new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
  interrupted.catch(() => {});
  return {
    signal,
    code: () => code,
    race: (story) => {
      story.catch(() => {});
      return Promise.race([story, interrupted]);
    },
  };
}
