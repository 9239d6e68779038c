// The reference library of Standard Webhooks, unchanged, against messages of a Tollgate server.
// Needs COMFY_BASE_URL and KEY, and a server that may call loopback addresses.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { once } from "node:events";
import { after, test } from "node:test";
import { Webhook } from "standardwebhooks";

const api = process.env.COMFY_BASE_URL;
const received = [];
const receiver = createServer((request, response) => {
  const chunks = [];
  request.on("data", (chunk) => chunks.push(chunk));
  request.on("end", () => {
    received.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
    response.end("ok");
  });
});
receiver.listen(0, "127.0.0.1");
await once(receiver, "listening");
after(() => receiver.close());

async function call(path, body) {
  const response = await fetch(api + path, {
    method: body === undefined ? "GET" : "POST",
    headers: { authorization: `Bearer ${process.env.KEY}`, "content-type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  assert.ok(response.ok, `${path}: ${response.status} ${await response.clone().text()}`);
  return response.json();
}

test("messages are signed so that the reference library believes them, and no others", async () => {
  const endpoint = await call("/api/v2/webhooks", { url: `http://127.0.0.1:${receiver.address().port}/hook` });
  const graph = {
    1: { class_type: "EmptyImage", inputs: { width: 64, height: 64, batch_size: 1, color: 7 } },
    2: { class_type: "SaveImage", inputs: { images: ["1", 0], filename_prefix: "hook" } },
  };
  const job = await call("/api/v2/jobs", { workflow: graph });
  const end = await call(`/api/v2/jobs/${job.id}?wait=30&until=end`);
  assert.equal(end.status, "succeeded");
  for (let i = 0; i < 200 && received.length === 0; i++) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.equal(received.length, 1);
  const [{ headers, body }] = received;

  const told = new Webhook(endpoint.secret).verify(body, headers);
  assert.equal(told.type, "job.succeeded");
  assert.equal(told.data.job.id, job.id);

  assert.throws(() => new Webhook(endpoint.secret).verify(body.replace("succeeded", "failed"), headers));
  const other = "whsec_" + Buffer.alloc(32, 1).toString("base64");
  assert.throws(() => new Webhook(other).verify(body, headers));
  const old = String(Number(headers["webhook-timestamp"]) - 3600);
  assert.throws(() => new Webhook(endpoint.secret).verify(body, { ...headers, "webhook-timestamp": old }));
});
