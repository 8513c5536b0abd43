import assert from "node:assert/strict";
import { test } from "node:test";

import { fullestCell, moveCell, stepOf, weekdayNames } from "../../frontend_static/domain/heat_map.js";
import { gatherSmall, layOutFlows } from "../../frontend_static/domain/sankey.js";

const PLACE = { height: 260, left: 100, right: 500 };
const FLOWS = {
  producers: [
    { id: "roof", label: "Roof" },
    { id: "home-1", label: "Home 1" },
    { id: "idle", label: "Idle" },
  ],
  consumers: [
    { id: "home-1", label: "Home 1" },
    { id: "home-2", label: "Home 2" },
  ],
  links: [
    { producer: "roof", consumer: "home-1", energy: 300 },
    { producer: "roof", consumer: "home-2", energy: 500 },
    { producer: "home-1", consumer: "home-1", energy: 150 },
    { producer: "home-1", consumer: "home-2", energy: 50 },
    { producer: "idle", consumer: "home-2", energy: 0 },
  ],
};

/** @param {string} path @returns {{from: number, fromEnd: number, to: number, toEnd: number}} Where a band meets its nodes. */
function endsOf(path) {
  const [from = 0, , , , , , to = 0, , toEnd = 0, , , , , , fromEnd = 0] = [...path.matchAll(/-?\d+\.\d+/g)].map(Number).filter((_, i) => i > 0);
  return { from, fromEnd, to, toEnd };
}

test("bands fill their nodes without gap or overlap, as wide as their energy", () => {
  const { nodes, bands, height, total } = layOutFlows(FLOWS, PLACE);
  assert.equal(total, 1000);
  assert.equal(bands.length, 4);
  for (const node of nodes) {
    const side = node.side;
    const own = bands.filter((band) => band[side].id === node.id).map(({ path, energy }) => ({ ...endsOf(path), energy }));
    let at = node.y;
    for (const band of own) {
      const [begins, ends] = side === "producer" ? [band.from, band.fromEnd] : [band.to, band.toEnd];
      assert.ok(Math.abs(begins - at) < 0.02, `${node.id}: ${begins} after ${at}`);
      assert.ok(Math.abs(ends - begins - (band.energy * PLACE.height) / total) < 0.02);
      at = ends;
    }
    assert.ok(Math.abs(at - node.y - node.height) < 0.02, node.id);
    assert.ok(node.y >= 0 && node.y + node.height <= height);
  }
});

test("who gave nothing is left out, and what stays within a participant is told apart", () => {
  const { nodes, bands } = layOutFlows(FLOWS, PLACE);
  assert.ok(!nodes.some(({ id }) => id === "idle"));
  assert.deepEqual(bands.filter(({ own }) => own).map(({ producer }) => producer.id), ["home-1"]);
  const hidden = { producers: [{ id: "", label: "" }], consumers: [{ id: "", label: "" }], links: [{ producer: "", consumer: "", energy: 9 }] };
  assert.deepEqual(layOutFlows(hidden, PLACE).bands.map(({ own }) => own), [false], "those who are not shown are many");
});

test("a community that shared nothing has no picture", () => {
  assert.deepEqual(layOutFlows({ ...FLOWS, links: [] }, PLACE), { nodes: [], bands: [], height: 0, total: 0 });
});

test("the smallest participants are gathered, and no energy is lost", () => {
  const consumers = Array.from({ length: 30 }, (_, i) => ({ id: `home-${i}`, label: `Home ${i}` }));
  const links = consumers.map(({ id }, i) => ({ producer: "roof", consumer: id, energy: i + 1 }));
  const gathered = gatherSmall(consumers, links, "consumer", 10);
  assert.equal(gathered.nodes.length, 10);
  assert.deepEqual(gathered.nodes.map(({ id }) => id).slice(0, 2), ["home-29", "home-28"]);
  assert.equal(gathered.nodes.at(-1)?.id, "");
  const sum = (/** @type {{energy: number}[]} */ list) => list.reduce((total, { energy }) => total + energy, 0);
  assert.equal(sum(gathered.links), sum(links));
  assert.equal(gathered.links.length, 10);
  assert.deepEqual(gatherSmall(consumers.slice(0, 3), links.slice(0, 3), "consumer", 10).nodes, consumers.slice(0, 3));
});

test("a participant that is there can be seen", () => {
  const tiny = { ...FLOWS, links: [{ producer: "roof", consumer: "home-1", energy: 1 }, { producer: "roof", consumer: "home-2", energy: 1e9 }] };
  assert.ok(layOutFlows(tiny, PLACE).nodes.every(({ height }) => height >= 2));
});

test("hours of the week are on steps of one scale, the largest on the last", () => {
  assert.deepEqual([0, 1, 199, 200, 999, 1000].map((value) => stepOf(value, 1000)), [0, 1, 1, 2, 5, 5]);
  assert.equal(stepOf(0, 0), 0);
  const grid = Array.from({ length: 7 }, () => new Array(24).fill(0));
  assert.deepEqual(fullestCell(grid), { weekday: 0, hour: 0 });
  /** @type {any} */ (grid)[5][13] = 7;
  assert.deepEqual(fullestCell(grid), { weekday: 5, hour: 13 });
});

test("arrow keys move within the week, and other keys are left to the page", () => {
  assert.deepEqual(moveCell({ weekday: 2, hour: 23 }, "ArrowRight"), { weekday: 2, hour: 23 });
  assert.deepEqual(moveCell({ weekday: 2, hour: 5 }, "ArrowUp"), { weekday: 1, hour: 5 });
  assert.deepEqual(moveCell({ weekday: 2, hour: 5 }, "End"), { weekday: 2, hour: 23 });
  assert.deepEqual(moveCell({ weekday: 2, hour: 5 }, "PageDown"), { weekday: 6, hour: 5 });
  assert.equal(moveCell({ weekday: 0, hour: 0 }, "Tab"), null);
});

test("weeks begin on Monday, in each language", () => {
  assert.deepEqual(weekdayNames("fr", "long").slice(0, 2), ["lundi", "mardi"]);
  assert.equal(weekdayNames("en-GB", "short")[6], "Sun");
});
