// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Leaves } from "../../contracts/libraries/Leaves.sol";
import { SharingKeys } from "../../contracts/libraries/SharingKeys.sol";
import { Rule } from "../../contracts/types/Rules.sol";
import { RuleVectors } from "./support/RuleVectors.sol";
import { World } from "./support/World.sol";
import { vm } from "./support/Vm.sol";

/// @dev Rules of whole communities, kept by the rule book; each of their rows is what the key gives for its header.
contract KeyVectorsTest is World, RuleVectors {
    struct Slot {
        SharingKeys.Member member;
        uint256[] intervals;
        uint256[] energy;
        uint256[] expected;
        uint256[] coefficients;
        uint256 from;
        uint256 until;
    }

    function setUp() public override {
        vm.warp(17_318 * 1 days);
        deploy();
    }

    function test_every_row_of_a_proportional_community_is_what_its_key_gives() public {
        holdRows("street");
        holdRows("large");
        holdRows("market");
        holdRows("sellers");
        holdRows("single");
    }

    function test_every_row_of_a_community_of_coefficients_is_what_its_key_gives() public {
        holdRows("roof");
        holdRows("owners");
        holdRows("cascade");
        holdRows("hybrid");
    }

    function test_every_row_of_a_community_of_equals_is_what_its_key_gives() public {
        holdRows("equal");
    }

    function test_every_row_of_a_scheduled_community_is_what_its_key_gives() public {
        holdRows("scheduled");
    }

    function test_every_row_of_a_pairwise_community_is_what_its_key_gives() public {
        holdRows("pairwise");
    }

    function test_every_row_of_a_community_in_tiers_is_what_its_key_gives() public {
        holdRows("priority");
    }

    function test_every_row_of_a_community_with_an_incentive_is_what_its_key_gives() public {
        holdRows("incentive");
    }

    function test_every_row_of_a_community_with_a_producer_key_is_what_its_key_gives() public {
        holdRows("producers");
    }

    function test_the_rule_of_an_operators_community_is_kept() public {
        Rule memory rule = theRule(load("communities/operator"));
        same("the operator's", rule.source, 1);
        bytes32 community = hash(load("communities/operator"), ".inputs.community");
        keep(community, rule);
        (uint8 method, uint8 source, uint8 when) = ruleBook.scheduleOf(community, 1);
        same(
            "method, source, schedule",
            keccak256(abi.encode(method, source, when)),
            keccak256(abi.encode(1, 1, 0))
        );
    }

    function holdRows(string memory name) private {
        string memory json = load(string.concat("communities/", name));
        bytes32 community = hash(json, ".inputs.community");
        keep(community, theRule(json));
        uint256 slots = number(json, ".chain.terms.slots");
        Leaves.Header[] memory headers = headersOf(json);
        uint256 rows;
        for (uint32 slot; slot < slots; ++slot) {
            SharingKeys.Member memory member;
            member.terms = ruleBook.slotTermsOf(community, 1, slot);
            (member.slot, member.slots) = (slot, uint32(slots));
            member.direction = uint8(number(json, entryOf(".chain.points", slot, "direction")));
            rows += holdSlot(readSlot(json, member), headers);
        }
        holds("rows there are", rows > 0);
    }

    function keep(bytes32 community, Rule memory rule) private {
        found(community);
        vm.prank(steward);
        ruleBook.scheduleRule(community, rule);
    }

    function readSlot(string memory json, SharingKeys.Member memory member)
        private
        view
        returns (Slot memory slot)
    {
        slot.member = member;
        slot.intervals = numbers(json, ".chain.intervals");
        slot.energy = numbers(json, entryOf(".inputs.energy", member.slot));
        slot.expected = numbers(json, entryOf(".expected.allocated", member.slot));
        slot.from = number(json, entryOf(".chain.points", member.slot, "fromDay"));
        slot.until = number(json, entryOf(".chain.points", member.slot, "untilDay"));
        string memory key = entryOf(".inputs.schedule.coefficients", member.slot);
        bool scheduled = member.terms.method == 6 && member.direction == 0;
        if (scheduled && vm.keyExistsJson(json, key)) slot.coefficients = numbers(json, key);
    }

    function holdSlot(Slot memory slot, Leaves.Header[] memory headers) private pure returns (uint256 rows) {
        SharingKeys.Member memory member = slot.member;
        uint256 interval;
        for (uint256 day; day < slot.until; ++day) {
            for (uint256 t; t < slot.intervals[day]; ++t) {
                uint256 i = interval++;
                if (day < slot.from) continue;
                if (slot.coefficients.length > 0) member.terms.coefficientPpm = uint32(slot.coefficients[i]);
                member.t = uint16(t);
                uint64 energy = uint64(slot.energy[i]);
                holds("the header's rounds", SharingKeys.headerHolds(member, headers[i], energy));
                same("the row", SharingKeys.allocated(member, headers[i], energy), slot.expected[i]);
                ++rows;
            }
        }
    }

    function headersOf(string memory json) private view returns (Leaves.Header[] memory headers) {
        headers = new Leaves.Header[](sizeOf(json, ".expected.headers"));
        for (uint256 interval; interval < headers.length; ++interval) {
            uint256[] memory x = numbers(json, entryOf(".expected.headers", interval));
            Leaves.Header memory header = headers[interval];
            (header.feedIn, header.consumption) = (uint64(x[0]), uint64(x[1]));
            (header.allocated, header.value) = (uint64(x[2]), uint64(x[3]));
            (header.tau, header.band) = (uint32(x[4]), uint8(x[5]));
            header.rounds = new Leaves.Round[]((x.length - 6) / 2);
            for (uint256 r; r < header.rounds.length; ++r) {
                header.rounds[r] = Leaves.Round(uint64(x[6 + 2 * r]), uint64(x[7 + 2 * r]));
            }
        }
    }
}
