/** Waits for a promise, at most so many milliseconds; false where that was not enough. Rejects where it does. */
export async function within(promise: Promise<unknown>, mostMs: number): Promise<boolean> {
  if (mostMs <= 0) mostMs = 0;
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), mostMs);
  });
  try {
    return await Promise.race([promise.then(() => true), tooLate]);
  } finally {
    clearTimeout(timer);
  }
}
