#!/usr/bin/env node
// An agent without a model, made with the official package, on stdin and stdout. What it does is said by its prompt:
//   write PATH       asks whether it may, and writes the file
//   run COMMAND      asks whether it may, and says what the answer was
//   wait             works until it is canceled
//   read_client      asks for a file by the client, which offers none
//   stop REASON      ends with that reason
//   answer JSON / JSON …   says these, one for each time that it is asked
//   anything else    says a few words in pieces
// What it was asked is left in its folder: asked.json, a list. ACP_AUTH has it want a login.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Readable, Writable } from "node:stream";
import { agent, methods, ndJsonStream, RequestError } from "@agentclientprotocol/sdk";

const asked = [];
const note = (method, params) => {
  asked.push({ method, params, key: process.env.AGENT_KEY });
  writeFileSync("asked.json", JSON.stringify(asked));
};
const SESSION = "ses_1";
let folder = "";
let answers;
let canceled = () => {};

const app = agent({ name: "official" })
  .onRequest(methods.agent.initialize, ({ params }) => {
    note("initialize", params);
    return {
      protocolVersion: 1,
      agentInfo: { name: "official", version: "1.2.3" },
      agentCapabilities: {
        loadSession: process.env.ACP_LOADS !== undefined,
        sessionCapabilities: process.env.ACP_RESUMES === undefined ? {} : { resume: {} },
      },
      authMethods: [{ id: "key", name: "Log in with a key" }],
    };
  })
  .onRequest(methods.agent.session.new, ({ params }) => {
    note("session/new", params);
    if (process.env.ACP_AUTH !== undefined) throw RequestError.authRequired();
    folder = params.cwd;
    const model = { id: "m", name: "Model", category: "model", type: "select" };
    const options = [{ value: "m-1", name: "M 1" }];
    return {
      sessionId: SESSION,
      configOptions: [{ ...model, currentValue: "m-1", options }],
    };
  })
  .onRequest(methods.agent.session.load, async ({ params, client }) => {
    note("session/load", params);
    if (params.sessionId !== SESSION) throw RequestError.resourceNotFound(params.sessionId);
    folder = params.cwd;
    await say(client, "said long ago");
    return {};
  })
  .onRequest(methods.agent.session.resume, ({ params }) => {
    note("session/resume", params);
    folder = params.cwd;
    return {};
  })
  .onNotification(methods.agent.session.cancel, () => canceled())
  .onRequest(methods.agent.session.prompt, async ({ params, client }) => {
    note("session/prompt", params);
    const [first = ""] = params.prompt[0].text.split("\n\n");
    const [word, ...rest] = first.split(" ");
    return (await PLAYS[word]?.(client, rest.join(" "))) ?? (await talk(client));
  });

const update = (client, body) =>
  client.notify(methods.client.session.update, { sessionId: SESSION, update: body });
const say = (client, text) =>
  update(client, { sessionUpdate: "agent_message_chunk", content: { type: "text", text } });

async function talk(client) {
  const text = (words) => ({ type: "text", text: words });
  await update(client, { sessionUpdate: "agent_thought_chunk", content: text("Hm, ") });
  await update(client, { sessionUpdate: "agent_thought_chunk", content: text("well.") });
  const entries = [
    { content: "Look", priority: "high", status: "completed" },
    { content: "Do it", priority: "high", status: "in_progress" },
  ];
  await update(client, { sessionUpdate: "plan", entries });
  await say(client, "I look");
  await say(client, " first.\nThen ");
  await say(client, "I see.");
  const call = { toolCallId: "t1", title: "Read a.txt", kind: "read", status: "in_progress" };
  await update(client, { sessionUpdate: "tool_call", ...call, locations: [{ path: "/a.txt" }] });
  const content = [{ type: "content", content: text("no such file") }];
  await update(client, {
    ...{ sessionUpdate: "tool_call_update", toolCallId: "t1", status: "failed" },
    content,
  });
  const cost = { amount: 0.25, currency: "USD" };
  await update(client, { sessionUpdate: "usage_update", used: 10, size: 100, cost });
  await say(client, "It is ");
  await say(client, "done.");
  const usage = { totalTokens: 30, inputTokens: 20, outputTokens: 10 };
  return { stopReason: "end_turn", usage };
}

async function permitted(client, toolCall) {
  const options = [
    { optionId: "always", name: "Always", kind: "allow_always" },
    { optionId: "once", name: "Once", kind: "allow_once" },
    { optionId: "no", name: "No", kind: "reject_once" },
  ];
  const told = { sessionUpdate: "tool_call", status: "pending", ...toolCall };
  await update(client, told);
  const { outcome } = await client.request(methods.client.session.requestPermission, {
    sessionId: SESSION,
    toolCall: { toolCallId: toolCall.toolCallId },
    options,
  });
  return outcome.optionId ?? outcome.outcome;
}

const PLAYS = {
  async write(client, path) {
    const locations = [{ path: join(folder, path) }];
    const call = { toolCallId: "w1", title: `Write ${path}`, kind: "edit", locations };
    const answer = await permitted(client, call);
    if (answer === "once") writeFileSync(join(folder, path), "written\n");
    await say(client, `answer: ${answer}`);
    return { stopReason: "end_turn" };
  },
  async run(client, command) {
    const call = { toolCallId: "r1", title: command, kind: "execute", rawInput: { command } };
    await say(client, `answer: ${await permitted(client, call)}`);
    return { stopReason: "end_turn" };
  },
  async wait(client) {
    const ending = new Promise((resolve) => {
      canceled = resolve;
    });
    await say(client, "waiting\n");
    await ending;
    const call = { toolCallId: "c1", title: "Clean up", kind: "think" };
    process.stderr.write(`canceled, and then: ${await permitted(client, call)}\n`);
    return { stopReason: "cancelled" };
  },
  async read_client(client) {
    const params = { sessionId: SESSION, path: join(folder, "a.txt") };
    const refused = await client
      .request(methods.client.fs.readTextFile, params)
      .catch((error) => error);
    await say(client, `code: ${refused.code}`);
    return { stopReason: "end_turn" };
  },
  async stop(client, stopReason) {
    await say(client, "so far");
    return { stopReason };
  },
  async answer(client, texts) {
    answers ??= texts.split(" / ");
    await say(client, answers.shift());
    return { stopReason: "end_turn" };
  },
};
PLAYS.Your = (client) => PLAYS.answer(client);

// It goes by itself when its stdin is closed.
app.connect(ndJsonStream(Writable.toWeb(process.stdout), Readable.toWeb(process.stdin)));
if (process.env.ACP_STAYS !== undefined) setInterval(() => undefined, 60_000);
process.on("exit", () => {
  process.exitCode ??= Number(process.env.ACP_EXIT ?? 0);
});
