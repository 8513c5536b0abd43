import assert from "node:assert/strict";
import { test } from "node:test";

import { BundleError } from "../../frontend_static/domain/bundle.js";
import { parseBundleText, readNumber, readU64 } from "../../frontend_static/domain/bundle_fields.js";
import { STATES } from "../../frontend_static/domain/verdict.js";
import { verifyBundle } from "../../frontend_static/domain/verify_bundle.js";
import { COMMUNITIES, alter, fieldOf, readVectors, walk, walkLists, withChange } from "./vectors.js";

/** @param {string} community @param {number} i @returns {{bundle: any, chain: any}} */
function readBundle(community, i) {
  const { bundles, chain } = readVectors(`communities/${community}`);
  return { bundle: bundles[i], chain };
}

/** @param {any} bundle @param {any} chain */
async function failuresOf(bundle, chain) {
  return (await verifyBundle(bundle, chain)).checks.filter((check) => !check.ok);
}

test("every bundle of the vectors is verified", async () => {
  for (const community of COMMUNITIES) {
    const { bundles, chain } = readVectors(`communities/${community}`);
    for (const bundle of bundles) {
      const verdict = await verifyBundle(bundle, chain);
      assert.deepEqual(verdict.checks.filter((check) => !check.ok), [], `${community}, seat ${bundle.seat}`);
      assert.equal(verdict.ok, true);
      assert.equal(verdict.runRoot, chain.run.root);
      const withheld = bundle.days.some((/** @type {any} */ day) => day.headers === null);
      const left = new Set(verdict.unchecked.map(({ key }) => key));
      assert.equal(left.has("headers"), withheld);
      assert.equal(left.has("operator"), chain.rule.source === 1);
      const formula = chain.rule.key.method === 9 ? "row.links" : "row.allocation"; // a row of flow is the sum of its links
      assert.equal(verdict.checks.some((check) => check.id === formula), !withheld && chain.rule.source === 0);
    }
  }
});

/** One bundle of each community; withheld headers, shown ones, several points. @type {readonly (readonly [string, number])[]} */
const ALTERED = [
  ...COMMUNITIES.filter((name) => name !== "large" && name !== "roof").map((name) => /** @type {const} */ ([name, 0])),
  ...(/** @type {const} */ ([["roof", 2], ["owners", 1], ["scheduled", 1], ["sellers", 1]])),
];

for (const [community, i] of ALTERED) {
  test(`each value of a bundle that is altered is refused and placed: ${community}, bundle ${i}`, async () => {
    const { bundle, chain } = readBundle(community, i);
    let refused = 0;
    for (const { path, value } of [...walk(bundle)]) {
      for (const other of alter(value)) {
        await withChange(bundle, path, other, async () => {
          const at = `${fieldOf(path)}: ${value} -> ${other}`;
          try {
            const failures = await failuresOf(bundle, chain);
            assert.ok(failures.length > 0, `${at} was not noticed`);
            assert.ok(failures.every(({ place }) => place.what !== ""), at);
            if (path[0] === "points" || path[0] === "bill") {
              const near = failures.some(({ place }) => place.field.startsWith(fieldOf(path.slice(0, path[0] === "bill" ? 1 : 2))));
              assert.ok(near || path.at(-1) === "vat_class", `${at}: ${failures.map(({ place }) => place.field)}`);
            }
          } catch (error) {
            assert.ok(error instanceof BundleError, String(error));
          }
          refused += 1;
        });
      }
    }
    assert.ok(refused > 50, String(refused));
  });

  test(`lists that are cut, lengthened or emptied are refused: ${community}, bundle ${i}`, async () => {
    const { bundle, chain } = readBundle(community, i);
    for (const path of [...walkLists(bundle)]) {
      const list = path.reduce((entry, step) => entry[step], bundle);
      const others = list.length > 0 ? [list.slice(0, -1), [...list, list.at(-1)], []] : [[0], [`0x${"00".repeat(32)}`]];
      for (const other of others) {
        await withChange(bundle, path, other, async () => {
          const verdict = await verifyBundle(bundle, chain).catch((error) => error);
          assert.ok(verdict instanceof BundleError || !verdict.ok, `${fieldOf(path)} with ${other.length} entries`);
        });
      }
    }
  });
}

test("a bundle with a field missing, added or of another type is refused by name", async () => {
  const { bundle, chain } = readBundle("street", 0);
  await assert.rejects(verifyBundle({ ...bundle, name: "Home 1" }, chain), /bundle field name is unknown/);
  const { seat, ...rest } = bundle;
  await assert.rejects(verifyBundle(rest, chain), /bundle field seat is missing/);
  await assert.rejects(verifyBundle(null, chain), /bundle field \(whole\) is null: expected an object/);
  for (const wrong of [null, "1", 1.5, -1, 2 ** 53, true, [], {}]) {
    await withChange(bundle, ["points", 0, "energy", 0, 0], wrong, async () => {
      await assert.rejects(verifyBundle(bundle, chain), (/** @type {any} */ error) => error.field === "points[0].energy[0][0]");
    });
  }
  await withChange(bundle, ["points", 0, "key"], "0x12", async () => {
    await assert.rejects(verifyBundle(bundle, chain), /points\[0\]\.key is "0x12": expected 0x and 64/);
  });
});

test("an altered allocation is placed at its row, with the local start of its interval", async () => {
  const { bundle, chain } = readBundle("street", 0);
  const d = 2;
  const t = bundle.points[0].energy[d].findIndex((/** @type {number} */ energy) => energy > 0);
  await withChange(bundle, ["points", 0, "allocated", d, t], bundle.points[0].allocated[d][t] + 1, async () => {
    const failure = (await failuresOf(bundle, chain)).find(({ id }) => id === "row.allocation");
    const start = failure?.place.start ?? "";
    assert.equal(failure?.place.field, `points[0].allocated[${d}][${t}]`);
    assert.equal(failure?.place.slot, bundle.points[0].slot);
    assert.equal(failure?.found, String(bundle.points[0].allocated[d][t]));
    const utc = chain.terms.startUtc + 60 * chain.terms.resolutionMinutes * (chain.intervals[0] + chain.intervals[1] + t);
    assert.equal(Date.parse(start) / 1000, utc);
    const date = new Date((bundle.period + d) * 86_400_000).toISOString().slice(0, 10);
    assert.equal(start.slice(0, 13), `${date}T${String(t).padStart(2, "0")}`);
  });
});

test("an altered header, total or bill line is placed", async () => {
  const { bundle, chain } = readBundle("street", 0);
  await withChange(bundle, ["days", 1, "headers", 3, 5], 3, async () => {
    const failure = (await failuresOf(bundle, chain)).find(({ id }) => id === "header.band");
    assert.equal(failure?.place.field, "days[1].headers[3]");
  });
  await withChange(bundle, ["days", 1, "headers", 3, 0], bundle.days[1].headers[3][0] + 5, async () => {
    const failure = (await failuresOf(bundle, chain)).find(({ id }) => id === "total.feed_in");
    assert.deepEqual([failure?.expected, failure?.found], [String(chain.run.feedIn), String(chain.run.feedIn + 5)]);
  });
  await withChange(bundle, ["bill", "lines", 4], bundle.bill.lines[4] + 1, async () => {
    const failure = (await failuresOf(bundle, chain)).find(({ id }) => id === "bill.line");
    assert.deepEqual([failure?.place.what, failure?.place.field], ["bill line, bought", "bill.lines[4]"]);
  });
});

test("each record on chain that differs is noticed", async () => {
  const { bundle, chain } = readBundle("street", 0);
  const own = new Set(bundle.points.map((/** @type {any} */ point) => String(point.slot)));
  const free = [
    /^rule\.(effectiveFrom|contestWindowSeconds|limits)/,
    /^rule\.tariff\.windows/,
    /^rule\.key\.(schedule|linkTerms)/, // of the keys that have them
    /^rule\.source/, // says that the operator's figures bind: the formula is not checked then
    /\.(proposer|proposedAt|contestableUntil|submittedAt|source|label|attestedBy|voidedBy)$/,
    /^terms\.(openedAt|resolutionMinutes|startUtc)$/,
  ];
  for (const { path, value } of [...walk(chain)]) {
    const field = fieldOf(path);
    if (free.some((pattern) => pattern.test(field)) || (path[0] === "points" && !own.has(String(path[1])))) continue;
    const [other] = alter(value);
    if (other === undefined || (path.at(-1) === "state" && value === 2)) continue;
    await withChange(chain, path, other, async () => {
      if (path[0] === "rule" && path[1] === "tariff") return; // a price may move a line by less than a cent: below
      const verdict = await verifyBundle(bundle, chain);
      const padding = path[0] === "bands" || path[0] === "seats";
      if (!padding) assert.equal(verdict.ok, false, `${field}: ${value} -> ${other} was not noticed`);
    });
  }
  for (const price of ["sharedPrice", "networkPrice", "monthlyFee"]) {
    await withChange(chain, ["rule", "tariff", price], chain.rule.tariff[price] * 2 + 7, async () => {
      const found = price === "sharedPrice" ? ["row.value", "header.value"] : ["bill.line"]; // what the energy is worth changes first
      const failures = new Set((await failuresOf(bundle, chain)).map(({ id }) => id));
      assert.ok(found.every((id) => failures.has(id)), price);
    });
  }
});

test("a value that contradicts its neighbours is found where it stands", async () => {
  const { bundle, chain } = readBundle("street", 0);
  for (const [path, value, id] of /** @type {const} */ ([
    [["days", 1, "headers", 3, 2], 2 ** 50, "header.allocated"],
    [["days", 1, "headers", 3, 2], 2 ** 50, "total.allocated"],
    [["days", 1, "headers", 3, 4], 8, "header.tau"],
    [["days", 1, "headers", 3, 3], 1, "header.value"],
    [["days", 1, "headers", 12, 0], 0, "header.own"],
    [["days", 1, "headers", 12, 1], 0, "header.own"],
    [["points", 0, "allocated", 1, 3], 2 ** 50, "row.bound"],
    [["points", 0, "energy", 1, 3], 2 ** 53 - 1, "point.total"],
    [["points", 0, "quality", 1, 3], 4, "reading.quality"],
    [["points", 0, "source", 1, 3], 6, "reading.source"],
    [["points", 1, "row_paths", 1, 0], `0x${"11".repeat(32)}`, "row.neighbour"],
    [["points", 0, "class_path"], [], "path.length"],
    [["points", 0, "reading_path"], [], "path.length"],
    [["points", 0, "period_path"], [], "path.length"],
    [["points", 0, "row_paths", 1], [], "path.length"],
    [["bill", "path"], [], "path.length"],
    [["points", 1, "slot"], 7, "point.slot"],
    [["seat"], 2, "seat.first"],
    [["bill", "vat_debit"], 1, "bill.vat_debit"],
    [["bill", "vat_credit"], 1, "bill.vat_credit"],
    [["bill", "debit"], 1, "bill.debit"],
    [["bill", "credit"], 1, "bill.credit"],
  ])) {
    await withChange(bundle, [...path], value, async () => {
      assert.ok((await failuresOf(bundle, chain)).some((check) => check.id === id), `${fieldOf([...path])}: ${id}`);
    });
  }
  bundle.points[0].energy[1][3] = 1;
  await withChange(bundle, ["points", 0, "quality", 1, 3], 3, async () => {
    assert.ok((await failuresOf(bundle, chain)).some(({ id }) => id === "reading.missing"));
  });
});

test("what a dishonest settler, operator or server could try is refused", async () => {
  const street = readBundle("street", 0);
  /** @param {any} bundle @param {any} chain */
  const failed = async (bundle, chain) => new Set((await failuresOf(bundle, chain)).map(({ id }) => id));

  const hidden = structuredClone(street.bundle);
  hidden.days[1].headers = null; // the totals of the one day of the lie
  assert.deepEqual([...(await failed(hidden, street.chain))], ["header.withheld"]);

  const crowd = structuredClone(street.chain);
  crowd.points = [...crowd.points, ...structuredClone(crowd.points)].map((point, slot) => ({ ...point, direction: slot % 2, fromDay: 0, untilDay: 3 }));
  crowd.seats = crowd.points.map((/** @type {unknown} */ _, /** @type {number} */ slot) => slot);
  crowd.terms.slots = crowd.points.length;
  const withheld = structuredClone(street.bundle);
  for (const day of withheld.days) day.headers = null;
  assert.ok((await failed(withheld, crowd)).has("header.withheld"));

  const less = structuredClone(street.bundle);
  const t = less.days[2].headers.findIndex((/** @type {number[]} */ header) => (header[2] ?? 0) > 10);
  less.days[2].headers[t][2] -= 8; // seven slots: flooring cannot lose as much
  assert.ok((await failed(less, street.chain)).has("header.allocated"));

  const roof = readBundle("roof", 0);
  const noon = roof.bundle.points[0].allocated[0].findIndex((/** @type {number} */ share) => share > 9);
  roof.bundle.points[0].allocated[0][noon] -= 5; // the only producer's part is all of it
  assert.ok((await failed(roof.bundle, roof.chain)).has("header.rest"));

  const twice = structuredClone(street.bundle);
  Object.assign(twice.points[1], { number: twice.points[0].number, direction: twice.points[0].direction });
  assert.ok((await failed(twice, street.chain)).has("point.once"));
  twice.points[1].number = ` ${twice.points[0].number.toUpperCase().replaceAll("-", " ")}.`;
  assert.ok((await failed(twice, street.chain)).has("point.once"));
});

test("bands that the voted windows do not give are refused, with the hour, on each kind of day", async () => {
  const { bundle, chain } = readBundle("street", 0);
  for (const day of [0, 1, 2]) {
    const other = structuredClone(chain);
    const at = chain.intervals.slice(0, day).reduce((/** @type {number} */ sum, /** @type {number} */ count) => sum + count, 0) + 12;
    const shift = BigInt(2 * (at % 128));
    const word = BigInt(other.bands[Math.floor(at / 128)]);
    other.bands[Math.floor(at / 128)] = `0x${((word & ~(3n << shift)) | (2n << shift)).toString(16).padStart(64, "0")}`;
    const failure = (await failuresOf(bundle, other)).find(({ id }) => id === "band.window");
    assert.equal(failure?.place.what, "tariff bands");
    assert.equal(failure?.place.start?.slice(0, 13), `2017-06-0${day + 1}T12`);
  }
});

/** What a settler, or whoever sends the bundle, could claim of each key, price and link; and the check that says so. @type {readonly (readonly [string, number, (string | number)[], unknown, string])[]} */
const LIES = [
  ["equal", 0, ["days", 0, "headers", 1, 7], 1, "header.rounds"],
  ["cascade", 0, ["days", 0, "headers", 1, 7], 2 ** 40, "header.rounds"],
  ["hybrid", 0, ["days", 0, "headers", 1], [1, 1, 1, 1, 0, 0], "header.rounds"],
  ["pairwise", 0, ["days", 0, "headers", 1, 7], 2 ** 50, "header.rounds"],
  ["priority", 0, ["days", 0, "headers", 1, 6], 2 ** 50, "header.rounds"],
  ["producers", 0, ["days", 0, "headers", 1, 9], 2 ** 40, "header.rounds"],
  ["incentive", 0, ["days", 0, "headers", 1, 2], 1, "header.allocated"],
  ["operator", 0, ["days", 0, "headers", 1, 4], 1, "header.tau"],
  ["market", 0, ["days", 0, "headers", 3, 3], 1, "header.value"],
  ["sellers", 0, ["days", 0, "headers", 3, 3], 2 ** 52, "header.value"],
  ["market", 0, ["points", 0, "value", 0, 3], 2 ** 52, "row.value"],
  ["incentive", 0, ["points", 0, "credited", 0, 3], 2 ** 40, "row.credited"],
  ["owners", 0, ["points", 0, "credited", 0, 3], 2 ** 40, "row.credited"],
  ["owners", 1, ["points", 0, "credited", 0, 2], 1, "row.credited"],
  ["owners", 0, ["points", 0, "credited"], null, "point.curves"],
  ["scheduled", 0, ["points", 0, "coefficients"], null, "coefficient.due"],
  ["scheduled", 0, ["points", 0, "coefficients", 0, 0], 1, "schedule.root"],
  ["scheduled", 0, ["points", 0, "coefficient_path"], [], "path.length"],
  ["street", 0, ["points", 0, "coefficients"], [[0]], "coefficient.due"],
  ["street", 0, ["points", 0, "links", 0, 1], 1, "links.energy"],
  ["street", 0, ["points", 0, "links", 0, 1], 0, "links.positive"],
  ["street", 0, ["points", 0, "links", 0, 2], 1, "links.value"],
  ["street", 0, ["points", 0, "links", 0, 2], 1, "links.share"],
  ["street", 0, ["points", 0, "links", 0, 0], 0, "links.other"],
  ["pairwise", 0, ["points", 0, "links", 0, 1], 1, "links.pairs"],
];

test("a lie about a key's steps, a price, a credit or a neighbour is found by its own check", async () => {
  for (const [community, i, path, value, id] of LIES) {
    const { bundle, chain } = readBundle(community, i);
    await withChange(bundle, [...path], value, async () => {
      const ids = (await failuresOf(bundle, chain)).map((check) => check.id);
      assert.ok(ids.includes(id), `${community}, ${fieldOf([...path])}: ${id} is not among ${ids}`);
    });
  }
});

test("where headers are withheld, a row is still worth its energy at a price that the rule allows", async () => {
  for (const community of ["market", "sellers", "pairwise"]) {
    const { bundle, chain } = readBundle(community, 0);
    for (const day of bundle.days) day.headers = null;
    assert.deepEqual(await failuresOf(bundle, chain), [], community);
    const dear = Math.max(...chain.rule.tariff.residualPrice, ...chain.rule.tariff.producerPrice) + 1;
    const place = bundle.points.findIndex((/** @type {any} */ point) => point.allocated.flat().some((/** @type {number} */ given) => given > 0));
    const d = bundle.points[place].allocated.findIndex((/** @type {number[]} */ day) => day.some((given) => given > 0));
    const t = bundle.points[place].allocated[d].findIndex((/** @type {number} */ given) => given > 0);
    await withChange(bundle, ["points", place, "value", d, t], bundle.points[place].allocated[d][t] * dear, async () => {
      assert.ok((await failuresOf(bundle, chain)).some(({ id }) => id === "row.value"), community);
    });
  }
});

test("a neighbour's tax class that differs from one link to the next, or from one's own, is refused", async () => {
  for (const community of COMMUNITIES) {
    const { bundles, chain } = readVectors(`communities/${community}`);
    for (const bundle of bundles) {
      for (const [p, point] of bundle.points.entries()) {
        if (point.direction !== "feed_in" || point.links.length === 0) continue;
        await withChange(bundle, ["points", p, "links", 0, 3], (point.links[0][3] + 1) % 3, async () => {
          assert.ok((await failuresOf(bundle, chain)).some(({ id }) => id === "links.vat_class"));
        });
      }
    }
  }
});

test("a link within the household says the same on both ends", async () => {
  let seen = 0;
  for (const community of COMMUNITIES) {
    const { bundles, chain } = readVectors(`communities/${community}`);
    for (const bundle of bundles) {
      const own = new Set(bundle.points.map((/** @type {any} */ point) => point.slot));
      for (const [p, point] of bundle.points.entries()) {
        for (const [n, link] of point.links.entries()) {
          if (!own.has(link[0])) continue;
          seen += 1;
          await withChange(bundle, ["points", p, "links", n, 1], link[1] + 1, async () => {
            assert.ok((await failuresOf(bundle, chain)).some(({ id }) => id === "links.ends"), community);
          });
        }
      }
    }
  }
  assert.ok(seen > 2, String(seen));
});

test("a schedule that is not there, of another period, not the run's or too late is refused", async () => {
  const { bundle, chain } = readBundle("scheduled", 0);
  for (const [path, value, id] of /** @type {const} */ ([
    [["schedule"], null, "schedule.found"],
    [["schedule", "handedInAt"], 0, "schedule.found"],
    [["schedule", "period"], bundle.period + 1, "schedule.of"],
    [["schedule", "version"], chain.schedule.version + 1, "schedule.id"],
    [["schedule", "handedInAt"], chain.terms.startUtc, "schedule.ahead"],
    [["schedule", "root"], `0x${"11".repeat(32)}`, "schedule.root"],
    [["rule", "key", "schedule"], 2, null],
  ])) {
    await withChange(chain, [...path], value, async () => {
      const ids = (await failuresOf(bundle, chain)).map((check) => check.id);
      assert.ok(id === null ? ids.length === 0 : ids.includes(id), `${fieldOf([...path])}: ${ids}`);
    });
  }
  const street = readBundle("street", 0);
  await withChange(street.chain, ["run", "basis"], `0x${"11".repeat(32)}`, async () => {
    assert.deepEqual((await failuresOf(street.bundle, street.chain)).map(({ id }) => id), ["run.basis"]);
  });
});

test("a figure beyond 2^53 is read from the text without losing a digit", () => {
  const text = '{"a": 9007199254740993, "b": "9007199254740993 in words \\" 9007199254740993", "c": 9007199254740991, "d": [18446744073709551615, -1500]}';
  assert.deepEqual(parseBundleText(text), {
    ...{ a: "9007199254740993", b: '9007199254740993 in words " 9007199254740993', c: 9007199254740991 },
    d: ["18446744073709551615", -1500],
  });
  assert.equal(readU64("9007199254740993", "V"), 9007199254740993n);
  for (const wrong of ["12", "9007199254740991", "18446744073709551616", "09007199254740993", "-9007199254740993", 2 ** 53, -1, null]) {
    assert.throws(() => readU64(wrong, "V"), BundleError, String(wrong));
  }
});

test("a text that programs would read differently is refused: a field named twice, a fraction, an exponent, a hidden sign", () => {
  for (const wrong of ['{"a": 1, "a": 2}', '{"a": 1, "\\u0061": 2}', '{"a": [1.0]}', '{"a": 1e3}', '{"a": 1.00000000000000000000000000001}']) {
    assert.throws(() => parseBundleText(wrong), SyntaxError, wrong);
  }
  assert.deepEqual(parseBundleText('{"a": {"a": 1}, "b": [{"a": 1}, {"a": 2}], "c": "\\"a\\": 1.5"}'), {
    ...{ a: { a: 1 }, b: [{ a: 1 }, { a: 2 }], c: '"a": 1.5' },
  });
  for (const hidden of ["145\u202e123", "145\u200b123", "145\u001b[2J", "145\n", "\ud800"]) {
    assert.throws(() => readNumber(hidden, "number"), BundleError, JSON.stringify(hidden));
  }
});

test("what is not anchored is said", async () => {
  const { bundle, chain } = readBundle("street", 0);
  for (const [record, field] of /** @type {const} */ ([["run", "state"], ["batch", "submittedAt"], ["bills", "state"]])) {
    await withChange(chain, [record, field], 0, async () => {
      assert.ok((await failuresOf(bundle, chain)).some(({ id }) => id === `${record}.found`));
    });
  }
});

test("a slot of the participant that the bundle leaves out is noticed", async () => {
  const { bundle, chain } = readBundle("street", 0);
  assert.ok(bundle.points.length > 1);
  const failures = await failuresOf({ ...bundle, points: bundle.points.slice(0, 1) }, chain);
  assert.ok(failures.some(({ id }) => id === "seat.points"));
});

test("contestable runs verify, superseded and voided ones do not, and the state is said", async () => {
  const { bundle, chain } = readBundle("single", 0);
  for (const [number, name] of STATES.entries()) {
    for (const record of /** @type {const} */ (["run", "bills"])) {
      await withChange(chain, [record, "state"], number, async () => {
        const verdict = await verifyBundle(bundle, chain);
        assert.equal(verdict.state[record], name);
        assert.equal(verdict.ok, name === "contestable" || name === "final");
      });
    }
  }
});

test("another chain, an absent contract and a period that is not open end the verification", async () => {
  const { bundle, chain } = readBundle("single", 0);
  for (const [path, value, id] of /** @type {const} */ ([
    [["chain_id"], 1, "chain.id"],
    [["genesis_hash"], `0x${"11".repeat(32)}`, "chain.genesis"],
    [["contracts", "registry"], null, "chain.code"],
    [["terms", "openedAt"], 0, "terms.open"],
  ])) {
    await withChange(chain, [...path], value, async () => {
      const verdict = await verifyBundle(bundle, chain);
      assert.equal(verdict.ok, false);
      assert.equal(verdict.checks[0]?.id, id);
      assert.equal(verdict.unchecked.length, 1);
    });
  }
});

test("progress is told and waited for", async () => {
  const { bundle, chain } = readBundle("street", 0);
  /** @type {string[]} */
  const told = [];
  const onProgress = async (/** @type {{done: number, total: number}} */ { done, total }) => {
    await new Promise((resolve) => setTimeout(resolve, 1));
    told.push(`${done}/${total}`);
  };
  await verifyBundle(bundle, chain, { onProgress });
  assert.deepEqual(told, ["1/4", "2/4", "3/4", "4/4"]);
});
