import { spawn } from "node:child_process";

const STOP_WITHIN_MS = 20_000;

/**
 * Starts a program and resolves when it has said `ready`, with the match; `ended` resolves with how it ended.
 * In a process group of its own: Ctrl-C is for the demonstration alone, which stops its programs in order.
 */
export async function startProgram(entry, args, { env, cwd, ready, onStart }) {
  const child = spawn(process.execPath, [entry, ...args], {
    cwd,
    env,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  const ended = new Promise((resolve) => {
    child.once("close", (code, signal) => resolve({ code, signal }));
    child.once("error", (error) => {
      said += error.message;
      resolve({ code: 1, signal: null });
    });
  });
  const match = new Promise((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (text) => {
        said += text;
        const found = ready.exec(said);
        if (found !== null) resolve(found);
      });
    ended.then(() => reject(new Error(`${args.join(" ")} ended before it was ready:\n${said}`)));
  });
  // Stopped before it is ready, a server would leave behind the PostgreSQL that it has just started.
  const settled = match.then(
    () => {},
    () => {},
  );
  onStart({ pid: child.pid, settled, ended, said: () => said, kill: (name) => child.kill(name) });
  return { pid: child.pid, ended, match: await match };
}

/** Asks it to stop and waits until it has. @throws Error when it does not */
export async function stopProgram(program) {
  await program.settled;
  program.kill("SIGTERM");
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`process ${program.pid} does not stop`)),
      STOP_WITHIN_MS,
    );
  });
  return await Promise.race([program.ended, late]).finally(() => clearTimeout(timer));
}
