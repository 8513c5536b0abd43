// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Contributions } from "../../contracts/libraries/Contributions.sol";
import { Leaves } from "../../contracts/libraries/Leaves.sol";
import { Places } from "../../contracts/libraries/Places.sol";
import { Salts } from "../../contracts/libraries/Salts.sol";
import { SharingKeys } from "../../contracts/libraries/SharingKeys.sol";
import { Shape } from "../../contracts/types/Periods.sol";
import { Rule, SlotTerms } from "../../contracts/types/Rules.sol";
import { Growth } from "./support/Growth.sol";
import { RuleVectors } from "./support/RuleVectors.sol";
import { World } from "./support/World.sol";
import { vm } from "./support/Vm.sol";

/// @dev Whole communities: what each row gives to the stairs, what the last stair must be, and where each leaf stands.
contract StairVectorsTest is World, RuleVectors {
    using Contributions for Contributions.Sums;

    string private json;
    SlotTerms[] private _terms;
    uint8[] private _directions;
    uint256[] private _from;
    uint256[] private _until;
    uint256[][] private _energy;
    uint256[][] private _allocated;
    uint256[][] private _parts;
    uint32[] private _producers;
    uint256[][] private _flows;
    uint32[] private _prices;
    uint256 private _rounds;
    uint256 private _stairDepth;
    bytes32 private _auditorsKey;
    bytes32 private _community;
    bytes32 private _runId;
    mapping(bytes32 kind => uint256) private _seen;

    function setUp() public override {
        vm.warp(17_318 * 1 days);
        deploy();
    }

    function test_all_rows_of_a_proportional_interval_give_its_header() public {
        complete("street");
    }

    function test_all_rows_of_large_figures_or_of_none_give_their_header() public {
        complete("large");
        complete("market");
        complete("single");
    }

    function test_all_rows_of_an_interval_by_coefficients_give_its_header() public {
        complete("roof");
    }

    function test_all_rows_of_an_interval_whose_consumers_own_the_surplus_give_its_header() public {
        complete("owners");
        complete("scheduled");
    }

    function test_all_rows_of_an_interval_by_coefficients_in_rounds_give_its_level() public {
        complete("cascade");
        complete("hybrid");
    }

    function test_all_rows_of_an_interval_of_equals_give_its_header_and_count() public {
        complete("equal");
    }

    function test_all_rows_of_an_interval_of_pairs_give_each_producers_round_and_value() public {
        complete("pairwise");
    }

    function test_all_rows_of_an_interval_in_tiers_give_each_tiers_pool_and_level() public {
        complete("priority");
    }

    function test_all_rows_of_an_interval_with_an_incentive_give_its_header() public {
        complete("incentive");
    }

    function test_all_rows_of_an_interval_with_a_producer_key_give_its_level() public {
        complete("producers");
    }

    function test_all_rows_of_an_interval_of_producers_prices_give_what_it_is_worth() public {
        complete("sellers");
    }

    function test_all_rows_of_a_flow_give_each_producers_round() public {
        complete("flow");
    }

    function test_all_rows_of_an_operators_interval_give_its_header_without_rounds() public {
        complete("operator");
    }

    function test_each_leaf_stands_where_the_vectors_have_it() public {
        place("street");
        place("roof");
        place("large");
        place("flow");
        place("single");
        holds("headers", _seen[keccak256("header")] > 3);
        holds("stairs", _seen[keccak256("stair")] > 3);
        holds("rows", _seen[keccak256("row")] > 3);
        holds("periods", _seen[keccak256("period")] > 3);
        holds("period stairs", _seen[keccak256("period_stair")] > 3);
        holds("readings", _seen[keccak256("reading")] > 3);
        holds("reading stairs", _seen[keccak256("reading_stair")] > 3);
        holds("bills", _seen[keccak256("bill")] > 3);
        holds("bill stairs", _seen[keccak256("bill_stair")] > 3);
    }

    function complete(string memory name) private {
        json = load(string.concat("communities/", name));
        bytes32 community = hash(json, ".inputs.community");
        found(community);
        Rule memory rule = theRule(json);
        vm.prank(steward);
        ruleBook.scheduleRule(community, rule);
        _prices = rule.tariff.producerPrice;
        readSlots(community);
        (_community, _runId) = (community, hash(json, ".expected.run_id"));
        (_auditorsKey, _stairDepth) = (hash(json, ".inputs.auditors_key"), depthOf("stair"));
        uint256[] memory intervals = numbers(json, ".chain.intervals");
        uint256 interval;
        for (uint256 day; day < intervals.length; ++day) {
            bytes32[] memory stairs = new bytes32[](2 ** (depthOf("interval") + depthOf("stair")));
            for (uint256 t; t < intervals[day]; ++t) {
                holdInterval(day, interval++, t, stairs);
            }
            string memory key = entryOf(".expected.days", day, "stairs_root");
            same("the day's stairs", Growth.root(stairs), hash(json, key));
        }
        holds("intervals there are", interval > 0);
        holdPeriodStairs();
    }

    /// @dev Of a slot's totals the bands do not matter: all of them are added up.
    function holdPeriodStairs() private view {
        bytes32[] memory stairs = new bytes32[](2 ** depthOf("stair"));
        Leaves.Stair memory zero;
        Contributions.Sums memory sums = Contributions.begin(zero, new Leaves.Round[](0));
        for (uint256 slot; slot < _terms.length; ++slot) {
            uint64[10] memory totals;
            for (uint256 i; i < _energy[slot].length; ++i) {
                totals[2 * (i % 4)] += uint64(_energy[slot][i]);
                totals[2 * (i % 4) + 1] += uint64(_allocated[slot][i]);
            }
            if (_until[slot] > 0) sums.addTotals(_directions[slot], totals);
            stairs[slot / 4] = Leaves.periodStair(stairOf(sums, 5, slot / 4, 0, 0));
        }
        same("the period's stairs", Growth.root(stairs), hash(json, ".expected.period_stairs_root"));
    }

    function stairOf(Contributions.Sums memory sums, uint8 kind, uint256 number_, uint256 day, uint256 t)
        private
        view
        returns (Leaves.Stair memory stair)
    {
        stair.salt = Salts.salt(
            _auditorsKey,
            Salts.Place({
                community: _community,
                id: _runId,
                kind: kind,
                slot: uint32(number_),
                day: uint16(day),
                t: uint16(t)
            })
        );
        (stair.feedIn, stair.consumption) = (uint64(sums.feedIn), uint64(sums.consumption));
        (stair.allocated, stair.shared) = (uint64(sums.allocated), uint64(sums.shared));
    }

    function roundsOf(Contributions.Sums memory sums) private pure returns (Leaves.Round[] memory rounds) {
        rounds = new Leaves.Round[](sums.given.length);
        for (uint256 r; r < rounds.length; ++r) {
            rounds[r] = Leaves.Round(uint64(sums.given[r]), uint64(sums.weight[r]));
        }
    }

    function depthOf(string memory what) private view returns (uint256) {
        return number(json, string.concat(".expected.shape.", what, "_depth"));
    }

    function readSlots(bytes32 community) private {
        delete _terms;
        delete _directions;
        delete _from;
        delete _until;
        delete _energy;
        delete _allocated;
        delete _parts;
        delete _producers;
        for (uint256 i; i < sizeOf(json, ".expected.flows"); ++i) {
            _flows.push(numbers(json, entryOf(".expected.flows", i)));
        }
        uint256 slots = number(json, ".chain.terms.slots");
        for (uint32 slot; slot < slots; ++slot) {
            _terms.push(ruleBook.slotTermsOf(community, 1, slot));
            _directions.push(uint8(number(json, entryOf(".chain.points", slot, "direction"))));
            _from.push(number(json, entryOf(".chain.points", slot, "fromDay")));
            _until.push(number(json, entryOf(".chain.points", slot, "untilDay")));
            _energy.push(numbers(json, entryOf(".inputs.energy", slot)));
            _allocated.push(numbers(json, entryOf(".expected.allocated", slot)));
            if (_directions[slot] == 1 && _until[slot] > 0) _producers.push(slot);
        }
        SlotTerms memory terms = _terms[0];
        bool isFlow = terms.method == 9;
        _rounds = isFlow ? _producers.length : terms.source == 1 ? 0 : SharingKeys.roundCount(terms);
    }

    function lastTier(uint8[] memory tierMethods) private pure returns (uint256 round) {
        for (uint256 tier; tier + 1 < tierMethods.length; ++tier) {
            round += tierMethods[tier] == 4 || tierMethods[tier] == 5 ? 2 : 1;
        }
    }

    function isValued() private view returns (bool) {
        return _prices.length > 0 && _terms[0].method != 9;
    }

    function holdInterval(uint256 day, uint256 interval, uint256 t, bytes32[] memory stairs) private view {
        Leaves.Header memory header = headerAt(interval);
        Leaves.Stair memory zero;
        uint256 rounds = _rounds + (isValued() ? 1 : 0);
        Contributions.Sums memory sums = Contributions.begin(zero, new Leaves.Round[](rounds));
        for (uint32 slot; slot < _terms.length; ++slot) {
            if (_from[slot] <= day && day < _until[slot]) addSlot(sums, slot, interval, header);
            Leaves.Stair memory stair = stairOf(sums, 2, slot / 4, day, t);
            stairs[(t << _stairDepth) + slot / 4] = Leaves.stair(stair, roundsOf(sums));
        }
        SlotTerms memory terms = _terms[0];
        holds("complete", sums.complete(terms, header, _rounds, isValued()));
        // A neighbour's milliwatt-hour that came from nowhere is seen in each sum.
        ++sums.consumption;
        holds("consumption", !sums.complete(terms, header, _rounds, isValued()));
        --sums.consumption;
        ++header.feedIn;
        holds("feed-in", !sums.complete(terms, header, _rounds, isValued()));
        --header.feedIn;
        for (uint256 r; r < rounds; ++r) {
            // What the last tier gave leaves a rest that nobody shares: only the stairs themselves say it.
            ++sums.given[r];
            bool seen = !sums.complete(terms, header, _rounds, isValued());
            holds("given", seen || (terms.method == 8 && r == lastTier(terms.tierMethods)));
            --sums.given[r];
            ++sums.weight[r];
            holds("weight", !sums.complete(terms, header, _rounds, isValued()));
            --sums.weight[r];
        }
    }

    function addSlot(
        Contributions.Sums memory sums,
        uint32 slot,
        uint256 interval,
        Leaves.Header memory header
    ) private view {
        Leaves.Row memory row;
        row.energy = uint64(_energy[slot][interval]);
        row.allocated = uint64(_allocated[slot][interval]);
        uint256[] memory before = numbersOf(sums);
        SlotTerms memory terms = _terms[slot];
        if (_rounds == 0) delete terms;
        sums.add(terms, _directions[slot], row, header);
        if (_terms[slot].method == 9 && _directions[slot] == 0) {
            sums.addLinks(_producers, flows(slot, interval));
        }
        if (isValued() && _directions[slot] == 1) {
            sums.addValue(row.allocated, slot < _prices.length ? _prices[slot] : 0);
        }
        if (_rounds > 0) holdParts(slot, interval, before, numbersOf(sums));
    }

    /// @dev The vectors say what each row gives; the value, where producers name prices, comes after.
    function holdParts(uint32 slot, uint256 interval, uint256[] memory before, uint256[] memory now_)
        private
        view
    {
        string memory key = string.concat(entryOf(".expected.parts", slot), "[", vm.toString(interval), "]");
        uint256[] memory parts = numbers(json, key);
        for (uint256 i; i < 2 * _rounds; ++i) {
            same("part", now_[i] - before[i], parts[i]);
        }
    }

    function numbersOf(Contributions.Sums memory sums) private pure returns (uint256[] memory list) {
        list = new uint256[](2 * sums.given.length);
        for (uint256 r; r < sums.given.length; ++r) {
            (list[2 * r], list[2 * r + 1]) = (sums.given[r], sums.weight[r]);
        }
    }

    function flows(uint32 consumer, uint256 interval) private view returns (Leaves.Flow[] memory links) {
        links = new Leaves.Flow[](_flows.length);
        uint256 found_;
        for (uint256 i; i < _flows.length; ++i) {
            uint256[] memory flow = _flows[i];
            if (flow[0] != interval || flow[2] != consumer) continue;
            links[found_++] = Leaves.Flow(uint32(flow[1]), uint64(flow[3]));
        }
    }

    function headerAt(uint256 interval) private view returns (Leaves.Header memory header) {
        uint256[] memory x = numbers(json, entryOf(".expected.headers", interval));
        (header.feedIn, header.consumption) = (uint64(x[0]), uint64(x[1]));
        (header.allocated, header.value) = (uint64(x[2]), uint64(x[3]));
        header.rounds = new Leaves.Round[]((x.length - 6) / 2);
        for (uint256 r; r < header.rounds.length; ++r) {
            header.rounds[r] = Leaves.Round(uint64(x[6 + 2 * r]), uint64(x[7 + 2 * r]));
        }
    }

    // ---- places ----

    function place(string memory name) private {
        json = load(string.concat("communities/", name));
        Shape memory shape = Shape({
            slots: uint32(number(json, ".chain.terms.slots")),
            dayCount: uint16(number(json, ".chain.terms.dayCount")),
            maxIntervals: uint16(number(json, ".chain.terms.maxIntervals"))
        });
        Places.Depths memory d = Places.depths(shape);
        same("slots", d.slot, number(json, ".expected.shape.slot_depth"));
        same("days", d.day, number(json, ".expected.shape.day_depth"));
        same("intervals", d.interval, number(json, ".expected.shape.interval_depth"));
        same("stairs", d.stair, number(json, ".expected.shape.stair_depth"));
        for (uint256 i; i < sizeOf(json, ".expected.proofs"); ++i) {
            string memory entry = entryOf(".expected.proofs", i);
            bytes32 what = keccak256(bytes(vm.parseJsonString(json, string.concat(entry, ".what"))));
            uint256 index = number(json, string.concat(entry, ".index"));
            bytes32[] memory path = hashes(json, string.concat(entry, ".path"));
            holdPlace(d, what, index, path.length);
        }
    }

    /// @dev The vectors' indices are taken apart from the lowest bit up, tree by tree.
    function holdPlace(Places.Depths memory d, bytes32 what, uint256 index, uint256 length) private {
        (uint256 found_, uint256 levels) = (0, 0);
        uint256 t = index % 2 ** d.interval;
        if (what == keccak256("header")) {
            (found_, levels) = Places.header(d, index / 2 ** d.interval / 4, t);
        } else if (what == keccak256("stair")) {
            uint256 wide = d.interval + d.stair;
            uint256 number_ = index % 2 ** d.stair;
            (found_, levels) =
                Places.stair(d, index / 2 ** wide / 4, index / 2 ** d.stair % 2 ** d.interval, number_);
        } else if (what == keccak256("row")) {
            uint256 slot = index / 2 ** d.interval % 2 ** d.slot;
            (found_, levels) = Places.row(d, slot, index / 2 ** (d.interval + d.slot) / 2, t);
        } else if (what == keccak256("period")) {
            (found_, levels) = Places.period(d, index % 2 ** d.slot);
        } else if (what == keccak256("period_stair")) {
            (found_, levels) = Places.periodStair(d, index % 2 ** d.stair);
        } else if (what == keccak256("reading")) {
            uint256 day = index / 2 ** d.interval % 2 ** d.day;
            (found_, levels) = Places.reading(d, index / 2 ** (d.interval + d.day), day, t);
        } else if (what == keccak256("reading_stair")) {
            uint256 slot = index / 2 ** d.day % 2 ** d.slot;
            (found_, levels) = Places.readingStair(d, slot, index % 2 ** d.day);
        } else if (what == keccak256("bill")) {
            (found_, levels) = Places.bill(d, index % 2 ** d.slot);
        } else if (what == keccak256("bill_stair")) {
            (found_, levels) = Places.billStair(d, index % 2 ** d.stair);
        } else {
            return;
        }
        same("index", found_, index);
        same("levels", levels, length);
        ++_seen[what];
    }
}
