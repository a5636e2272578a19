// The user's side of Restate: a service with one durable handler of three steps, in a process of
// its own as in real use. Prints its port.
import { createServer } from "node:http2";
import { createEndpointHandler, service } from "@restatedev/restate-sdk";

const bench = service({
  name: "bench",
  handlers: {
    async three(context, n) {
      const first = await context.run("first", () => n + 1);
      const second = await context.run("second", () => first + 1);
      return context.run("third", () => second + 1);
    },
  },
});

const quiet = () => {};
const server = createServer(createEndpointHandler({ services: [bench], logger: quiet }));
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
