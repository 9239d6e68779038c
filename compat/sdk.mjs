// The official SDK of the Comfy API v2, unchanged, against a Tollgate server.
// Needs COMFY_BASE_URL, KEY (jobs, jobs:raw; with credits), POOR_KEY (the same scopes, no credits) and PHOTO.
import assert from "node:assert/strict";
import { mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { Comfy } from "@comfyorg/sdk";
import * as sdk from "@comfyorg/sdk";

const client = new Comfy({ apiKey: process.env.KEY });

/** A graph of core nodes: loads a photo, turns it upside down, saves it. */
function graph(image) {
  return {
    1: { class_type: "LoadImage", inputs: { image } },
    2: { class_type: "ImageScale", inputs: { image: ["1", 0], upscale_method: "bilinear", width: 256, height: 144, crop: "disabled" } },
    3: { class_type: "SaveImage", inputs: { images: ["2", 0], filename_prefix: "compat" } },
  };
}

/** A graph that takes its time. */
function slow() {
  return {
    1: { class_type: "SleepProgress", inputs: { seconds: 30, steps: 30, seed: Math.floor(Math.random() * 1e9) } },
    2: { class_type: "SaveImage", inputs: { images: ["1", 0], filename_prefix: "slow" } },
  };
}

test("submits a graph with a photo, follows it, downloads what it made", async () => {
  const workflow = client.workflows.fromJson(graph(""));
  workflow.setInput("1", "image", client.assets.fromFile(process.env.PHOTO));
  const job = await client.submit(workflow);
  const seen = [];
  for await (const event of job.events()) {
    seen.push(event.kind);
  }
  await job.wait();
  assert.equal(job.status, "succeeded");
  assert.ok(seen.includes("statusChange") && seen.includes("outputReady"), seen.join(", "));
  const outputs = job.getOutputs("3");
  assert.equal(outputs.length, 1);
  const file = join(await mkdtemp(join(tmpdir(), "compat-")), "out.png");
  await outputs[0].toFile(file);
  const bytes = await readFile(file);
  assert.equal(bytes.subarray(1, 4).toString(), "PNG");
});

test("knows the bytes of a photo that it brought before", async () => {
  const asset = client.assets.fromFile(process.env.PHOTO);
  await asset.commit();
  assert.equal(asset.createdNew, false);
});

test("cancels a job", async () => {
  const job = await client.submit(client.workflows.fromJson(slow()));
  await job.cancel();
  await job.wait(30_000);
  assert.equal(job.status, "canceled");
});

/** The typed error that a call ends with. */
async function failure(call) {
  try {
    await call();
  } catch (error) {
    return error;
  }
  assert.fail("it did not fail");
}

test("tells bad input by its nodes", async () => {
  const error = await failure(() =>
    client.submit(client.workflows.fromJson({ 1: { class_type: "NoSuchNode", inputs: {} } })));
  assert.equal(error.code, "no_capable_backend", String(error));
  const shapeless = await failure(() => client.submit(client.workflows.fromJson({ 1: { inputs: {} } })));
  assert.ok(shapeless instanceof sdk.InvalidWorkflow, String(shapeless));
});

test("tells a missing asset", async () => {
  const ghost = { __type: "core/ASSET", info: { id: "01900000-0000-7000-8000-000000000000" } };
  const error = await failure(() => client.submit(client.workflows.fromJson(graph(ghost))));
  assert.ok(error instanceof sdk.MissingAsset, String(error));
});

test("tells that there is no key", async () => {
  const error = await failure(() => new Comfy({}).submit(client.workflows.fromJson(slow())));
  assert.equal(error.code, "unauthorized");
  assert.ok(error instanceof sdk.Unauthorized, String(error));
});

test("tells too few credits", async () => {
  const poor = new Comfy({ apiKey: process.env.POOR_KEY });
  const error = await failure(() => poor.submit(poor.workflows.fromJson(slow())));
  assert.equal(error.code, "insufficient_credits");
  assert.ok(error instanceof sdk.InsufficientCredits, String(error));
});
