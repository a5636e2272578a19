// Preloaded into a yard-node: its hello does not offer `binary`, so that its output goes in JSON frames.
import { WebSocket } from "ws";

const { send } = WebSocket.prototype;

WebSocket.prototype.send = function sendHello(message, ...rest) {
  WebSocket.prototype.send = send;
  const hello = JSON.parse(message);
  if (hello.type !== "hello") throw new Error(`the first message is no hello but ${hello.type}`);
  hello.capabilities = hello.capabilities.filter((token) => token !== "binary");
  return send.call(this, JSON.stringify(hello), ...rest);
};
