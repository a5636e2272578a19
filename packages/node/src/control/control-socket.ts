import { chmod, rm } from "node:fs/promises";
import { connect, createServer, type Socket } from "node:net";
import { AppError } from "@yardmaster/protocol/core";

/** What a running node can be asked, over a socket in its folder that only its owner reaches. */
export const QUESTIONS = ["status", "stop"] as const;
export type Question = (typeof QUESTIONS)[number];

export interface ControlOptions {
  readonly path: string;
  /** The answer is JSON, and the line that is written. */
  readonly answer: (question: Question) => unknown;
}

export interface Control {
  /** Whoever asked for a stop learns that it is done when the connection ends. */
  close(): void;
}

const LINE_BYTES = 1024;
/** Of `sun_path`: the shortest among the systems that we know is 104, with its end. */
const PATH_BYTES = 103;

/** @throws AppError `conflict` where a node runs on the folder of this socket. */
export async function refuseRunning(path: string): Promise<void> {
  if ((await ask(path, "status")) === undefined) return;
  throw new AppError(
    "conflict",
    `a node runs on this folder already (it answers at ${path}); stop it first: yard-node stop; a second node of this machine has a folder of its own: --state FOLDER`,
  );
}

/** @throws AppError `conflict` where a node runs on this folder already. */
export async function openControl({ path, answer }: ControlOptions): Promise<Control> {
  if (process.platform !== "win32" && Buffer.byteLength(path) > PATH_BYTES) {
    throw new AppError(
      "invalid_setting",
      `${path} is too long for a socket (${PATH_BYTES} bytes at most); give a shorter --state`,
    );
  }
  await refuseRunning(path);
  // Nobody answers, so it is of a node that was killed.
  if (process.platform !== "win32") await rm(path, { force: true });
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket)).on("error", () => socket.destroy());
    serve(socket, answer);
  });
  await new Promise<void>((done, fail) => {
    server.once("error", fail);
    server.listen(path, done);
  });
  if (process.platform !== "win32") await chmod(path, 0o600);
  return {
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

function serve(socket: Socket, answer: ControlOptions["answer"]): void {
  let text = "";
  socket.setEncoding("utf8").on("data", (part: string) => {
    text += part;
    if (text.length > LINE_BYTES) socket.destroy();
    if (!text.includes("\n")) return;
    const question = QUESTIONS.find((one) => one === text.trim());
    text = "";
    if (question === undefined) return socket.destroy();
    socket.write(`${JSON.stringify(answer(question))}\n`);
    if (question !== "stop") socket.end();
  });
}

/** The answer of the node that runs on a folder, or undefined where none does. For `stop` it comes when it has ended. */
export function ask(path: string, question: Question, timeoutMs = 20_000): Promise<unknown> {
  return new Promise((done, fail) => {
    let text = "";
    const socket = connect(path, () => socket.write(`${question}\n`));
    socket.setTimeout(timeoutMs, () => {
      socket.destroy();
      fail(new AppError("unavailable", `the node at ${path} does not answer`));
    });
    socket.setEncoding("utf8").on("data", (part: string) => {
      text += part;
    });
    socket.on("error", () => {});
    socket.on("close", () => done(text === "" ? undefined : parsed(text)));
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
