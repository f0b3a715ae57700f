import assert from "node:assert/strict";
import { test } from "node:test";
import { LIMIT, Restarts, WINDOW_MS } from "../src/restarts";

test("pauses grow, and then it is the user's turn", () => {
  const restarts = new Restarts();
  const pauses = Array.from({ length: LIMIT }, (_, index) => restarts.after(index));
  assert.deepEqual(pauses, [1000, 2000, 4000, 8000, undefined]);
});

test("a crash long after the others counts as the first", () => {
  const restarts = new Restarts();
  restarts.after(0);
  restarts.after(1);
  assert.equal(restarts.after(WINDOW_MS + 1), 1000);
});

test("after the user asked for a restart, earlier crashes do not count", () => {
  const restarts = new Restarts();
  for (let index = 0; index < LIMIT; index++) restarts.after(index);
  restarts.forget();
  assert.equal(restarts.after(LIMIT), 1000);
});
