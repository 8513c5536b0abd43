// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Leaves } from "../../contracts/libraries/Leaves.sol";
import { SharingKeys } from "../../contracts/libraries/SharingKeys.sol";
import { SlotTerms } from "../../contracts/types/Rules.sol";
import { Vectors } from "./support/Vectors.sol";
import { vm } from "./support/Vm.sol";

contract SharingKeysTest is Vectors {
    function test_allocations_are_those_of_the_vectors() public {
        uint256 methods;
        uint256 cases;
        // One line a case: the whole file would be parsed again for each field.
        string memory path = "tests/vectors/allocation.json";
        vm.readLine(path);
        for (string memory json = theCase(vm.readLine(path)); bytes(json).length > 2; ++cases) {
            allocationCase(json, "");
            methods |= 1 << number(json, ".code");
            json = theCase(vm.readLine(path));
        }
        vm.closeFile(path);
        holds("enough cases", cases > 300);
        same("each method but flow", methods, 0x5fe);
    }

    function test_shares_are_those_of_the_vectors() public view {
        string memory json = load("shares");
        consumers(json, ".dynamic", 1);
        consumers(json, ".static", 2);
        producers(json);
    }

    function test_refuses_a_method_without_a_formula() public {
        SharingKeys.Member memory member;
        Leaves.Header memory header;
        for (uint8 direction; direction < 2; ++direction) {
            member.direction = direction;
            refuse(member, header, 0);
            refuse(member, header, 9);
            refuse(member, header, 11);
        }
    }

    function test_a_header_has_the_rounds_of_its_key() public pure {
        SharingKeys.Member memory member;
        SlotTerms memory terms = member.terms;
        for (uint8 method = 1; method <= 10; ++method) {
            if (method == 9) continue;
            terms.method = method;
            (terms.producers, terms.tierMethods) = (new uint32[](0), new uint8[](0));
            if (method == 7) terms.producers = new uint32[](3);
            if (method == 8) terms.tierMethods = tiersOfEachMethod();
            uint256 due = method == 7 ? 3 : method == 8 ? 7 : method >= 3 && method <= 5 ? 1 : 0;
            for (uint256 key; key < 2; ++key) {
                terms.producerKey = key == 1;
                for (uint256 rounds; rounds < 10; ++rounds) {
                    Leaves.Header memory header;
                    header.rounds = new Leaves.Round[](rounds);
                    bool holding = SharingKeys.headerHolds(member, header, 0);
                    holds("exactly where they are as many", holding == (rounds == due + key));
                }
            }
        }
    }

    function test_the_first_pool_of_equals_and_of_tiers_is_what_was_fed_in() public pure {
        SharingKeys.Member memory member;
        Leaves.Header memory header;
        header.rounds = new Leaves.Round[](1);
        (header.feedIn, header.rounds[0].pool) = (7, 7);
        member.terms.method = 3;
        holds("equal", SharingKeys.headerHolds(member, header, 1));
        member.terms.method = 8;
        member.terms.tierMethods = new uint8[](1);
        member.terms.tierMethods[0] = 1;
        holds("priority", SharingKeys.headerHolds(member, header, 1));
        header.feedIn = 8;
        holds("not of tiers", !SharingKeys.headerHolds(member, header, 1));
        member.terms.method = 3;
        holds("not of equals", !SharingKeys.headerHolds(member, header, 1));
        header.feedIn = 6;
        holds("nor less", !SharingKeys.headerHolds(member, header, 1));
        member.terms.method = 4;
        holds("a level is what is left", SharingKeys.headerHolds(member, header, 1));
    }

    function test_a_producers_round_holds_its_feed_in_and_gives_no_more() public pure {
        SharingKeys.Member memory member;
        (member.terms.method, member.direction, member.slot) = (7, 1, 5);
        member.terms.producers = new uint32[](2);
        (member.terms.producers[0], member.terms.producers[1]) = (3, 5);
        Leaves.Header memory header;
        header.rounds = new Leaves.Round[](2);
        header.rounds[0] = Leaves.Round(100, 101);
        header.rounds[1] = Leaves.Round(40, 40);
        holds("all of it", SharingKeys.headerHolds(member, header, 40));
        same("its weight", SharingKeys.allocated(member, header, 40), 40);
        holds("less fed in", !SharingKeys.headerHolds(member, header, 39));
        holds("more fed in", !SharingKeys.headerHolds(member, header, 41));
        header.rounds[1].weight = 41;
        holds("more given", !SharingKeys.headerHolds(member, header, 40));
        member.slot = 4;
        holds("who is no producer has no round", SharingKeys.headerHolds(member, header, 9));
        same("and shares nothing", SharingKeys.allocated(member, header, 9), 0);
        (member.direction, member.terms.pairsPpm) = (0, new uint32[](2));
        holds("nor has a consumer", SharingKeys.headerHolds(member, header, 9));
    }

    function allocated(SharingKeys.Member memory member, Leaves.Header memory header, uint64 energy)
        external
        pure
        returns (uint256)
    {
        return SharingKeys.allocated(member, header, energy);
    }

    function headerHolds(SharingKeys.Member memory member, Leaves.Header memory header, uint64 energy)
        external
        pure
        returns (bool)
    {
        return SharingKeys.headerHolds(member, header, energy);
    }

    function refuse(SharingKeys.Member memory member, Leaves.Header memory header, uint8 method) private {
        member.terms.method = method;
        bytes memory refusal = abi.encodeWithSelector(SharingKeys.SharingKeyUnknown.selector, method);
        vm.expectRevert(refusal);
        this.allocated(member, header, 1);
        vm.expectRevert(refusal);
        this.headerHolds(member, header, 1);
    }

    function tiersOfEachMethod() private pure returns (uint8[] memory methods) {
        methods = new uint8[](5);
        for (uint8 i; i < 5; ++i) {
            methods[i] = i + 1;
        }
    }

    /// @dev Without the comma that parts it from the next.
    function theCase(string memory line) private pure returns (string memory) {
        bytes memory text = bytes(line);
        uint256 end = text.length;
        if (end > 0 && text[end - 1] == ",") --end;
        bytes memory json = new bytes(end);
        for (uint256 i; i < end; ++i) {
            json[i] = text[i];
        }
        return string(json);
    }

    function allocationCase(string memory json, string memory key) private view {
        SharingKeys.Member memory member;
        member.slots = uint32(number(json, string.concat(key, ".slots")));
        member.t = uint16(number(json, string.concat(key, ".t")));
        member.terms.method = uint8(number(json, string.concat(key, ".code")));
        member.terms.producers = narrow(json, string.concat(key, ".producers"));
        member.terms.tierMethods = tierMethodsOf(json, key);
        Leaves.Header memory header = headerOf(json, key);
        uint256[][4] memory lists = [
            numbers(json, string.concat(key, ".coefficients_ppm")),
            numbers(json, string.concat(key, ".pairs_ppm")),
            numbers(json, string.concat(key, ".tiers")),
            numbers(json, string.concat(key, ".producer_ppm"))
        ];
        uint256[] memory slot = numbers(json, string.concat(key, ".slot"));
        uint256[] memory direction = numbers(json, string.concat(key, ".direction"));
        uint256[] memory energy = numbers(json, string.concat(key, ".energy"));
        uint256[] memory expected = numbers(json, string.concat(key, ".allocated"));
        for (uint256 i; i < slot.length; ++i) {
            (member.slot, member.direction) = (uint32(slot[i]), uint8(direction[i]));
            readTerms(member, lists);
            holds(key, SharingKeys.headerHolds(member, header, uint64(energy[i])));
            same(entryOf(key, i), SharingKeys.allocated(member, header, uint64(energy[i])), expected[i]);
        }
    }

    /// @dev What lists by slot say of one slot: nothing beyond their ends, the last tier and the weight 1.
    function readTerms(SharingKeys.Member memory member, uint256[][4] memory lists) private pure {
        SlotTerms memory terms = member.terms;
        terms.coefficientPpm = uint32(entry(lists[0], member.slot));
        uint256 columns = terms.producers.length;
        terms.pairsPpm = new uint32[](columns);
        for (uint256 r; r < columns; ++r) {
            terms.pairsPpm[r] = uint32(entry(lists[1], member.slot * columns + r));
        }
        if (terms.tierMethods.length > 0) terms.tier = uint8(terms.tierMethods.length - 1);
        if (member.slot < lists[2].length) terms.tier = uint8(lists[2][member.slot]);
        terms.producerKey = lists[3].length > 0;
        uint256 weight = entry(lists[3], member.slot);
        terms.producerPpm = weight == 0 ? 1 : uint32(weight);
    }

    function entry(uint256[] memory list, uint256 index) private pure returns (uint256) {
        return index < list.length ? list[index] : 0;
    }

    function headerOf(string memory json, string memory key)
        private
        view
        returns (Leaves.Header memory header)
    {
        header.feedIn = uint64(number(json, string.concat(key, ".P")));
        header.consumption = uint64(number(json, string.concat(key, ".C")));
        header.allocated = uint64(number(json, string.concat(key, ".A")));
        header.tau = uint32(number(json, string.concat(key, ".tau")));
        string memory list = string.concat(key, ".rounds");
        header.rounds = new Leaves.Round[](sizeOf(json, list));
        for (uint256 r; r < header.rounds.length; ++r) {
            uint256[] memory pair = numbers(json, entryOf(list, r));
            header.rounds[r] = Leaves.Round(uint64(pair[0]), uint64(pair[1]));
        }
    }

    function tierMethodsOf(string memory json, string memory key)
        private
        pure
        returns (uint8[] memory methods)
    {
        uint256[] memory wide = numbers(json, string.concat(key, ".tier_methods"));
        methods = new uint8[](wide.length);
        for (uint256 i; i < wide.length; ++i) {
            methods[i] = uint8(wide[i]);
        }
    }

    function narrow(string memory json, string memory list) private pure returns (uint32[] memory values) {
        uint256[] memory wide = numbers(json, list);
        values = new uint32[](wide.length);
        for (uint256 i; i < wide.length; ++i) {
            values[i] = uint32(wide[i]);
        }
    }

    function consumers(string memory json, string memory list, uint8 method) private view {
        uint256 n = count(json, list);
        for (uint256 i; i < n; ++i) {
            uint256[] memory consumption = numbers(json, entryOf(list, i, "consumption"));
            uint256[] memory expected = numbers(json, entryOf(list, i, "allocated"));
            uint256[] memory weight =
                method == 2 ? numbers(json, entryOf(list, i, "coefficients_ppm")) : new uint256[](0);
            Leaves.Header memory header;
            header.feedIn = uint64(number(json, entryOf(list, i, "feed_in")));
            for (uint256 j; j < consumption.length; ++j) {
                header.consumption += uint64(consumption[j]);
            }
            SharingKeys.Member memory member;
            member.terms.method = method;
            for (uint256 j; j < consumption.length; ++j) {
                member.terms.coefficientPpm = method == 2 ? uint32(weight[j]) : 0;
                same(
                    entryOf(list, i),
                    SharingKeys.allocated(member, header, uint64(consumption[j])),
                    expected[j]
                );
            }
        }
    }

    function producers(string memory json) private view {
        uint256 n = count(json, ".producers");
        for (uint256 i; i < n; ++i) {
            string memory key = entryOf(".producers", i);
            Leaves.Header memory header;
            header.allocated = uint64(number(json, string.concat(key, ".allocated")));
            header.tau = uint32(number(json, string.concat(key, ".tau")));
            SharingKeys.Member memory member;
            (member.terms.method, member.direction) = (1, 1);
            member.slots = uint32(number(json, string.concat(key, ".slots")));
            member.t = uint16(number(json, string.concat(key, ".t")));
            uint256[] memory expected = numbers(json, string.concat(key, ".shared"));
            string memory feedIn = string.concat(key, ".feed_in");
            for (uint256 j; j < expected.length; ++j) {
                header.feedIn += uint64(numbers(json, entryOf(feedIn, j))[1]);
            }
            for (uint256 j; j < expected.length; ++j) {
                uint256[] memory pair = numbers(json, entryOf(feedIn, j));
                member.slot = uint32(pair[0]);
                same(key, SharingKeys.allocated(member, header, uint64(pair[1])), expected[j]);
            }
        }
    }
}
