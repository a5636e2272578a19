const LOOK_EVERY_MS = 500;

/**
 * Stops this process in order when its parent has gone. npm hands a signal on to its shell alone, which ends and leaves
 * the server behind; nothing else tells it.
 */
export function stopWithParent() {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (isThere(parent)) return;
    clearInterval(timer);
    // As from a parent with a channel. No signal: a second one is for those who will not wait, and the parent may have
    // gone of the same Ctrl-C.
    if (!process.emit("disconnect")) process.exit(1);
  }, LOOK_EVERY_MS);
  timer.unref();
}

function isThere(parent) {
  // An orphan has another parent, except on Windows, where it keeps the id of the one that is gone.
  if (process.platform !== "win32") return process.ppid === parent;
  try {
    return process.kill(parent, 0);
  } catch (error) {
    return error.code !== "ESRCH";
  }
}
