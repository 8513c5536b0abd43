// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Leaves } from "../../contracts/libraries/Leaves.sol";
import { SharingKeys } from "../../contracts/libraries/SharingKeys.sol";
import { Vectors } from "./support/Vectors.sol";
import { vm } from "./support/Vm.sol";

contract SharingKeysTest is Vectors {
    function test_allocations_are_those_of_the_vectors() public view {
        string memory json = load("allocation");
        uint256 n = count(json, ".cases");
        for (uint256 i; i < n; ++i) {
            allocationCase(json, entryOf(".cases", i));
        }
    }

    function test_shares_are_those_of_the_vectors() public view {
        string memory json = load("shares");
        consumers(json, ".dynamic", 1);
        consumers(json, ".static", 2);
        producers(json);
    }

    function test_refuses_a_method_without_a_formula() public {
        SharingKeys.Member memory member;
        member.method = 3;
        Leaves.Header memory header;
        vm.expectRevert(abi.encodeWithSelector(SharingKeys.SharingKeyUnknown.selector, 3));
        this.allocated(member, header, 1);
    }

    /// forge-config: default.fuzz.runs = 512
    function testFuzz_consumers_never_get_more_than_the_pool_or_their_consumption(
        uint64 pool,
        uint48[5] memory consumption,
        uint32[5] memory weight,
        bool isStatic
    ) public pure {
        Leaves.Header memory header;
        header.feedIn = pool;
        SharingKeys.Member memory member;
        member.method = isStatic ? 2 : 1;
        for (uint256 i; i < 5; ++i) {
            header.consumption += consumption[i];
        }
        uint256 sum;
        for (uint256 i; i < 5; ++i) {
            member.coefficientPpm = uint32(weight[i] % 200_001);
            uint256 given = SharingKeys.allocated(member, header, consumption[i]);
            holds("at most its consumption", given <= consumption[i]);
            sum += given;
        }
        holds("at most the pool", sum <= pool);
        holds("dynamic leaves less than one each", isStatic || least(pool, header.consumption) - sum < 5);
    }

    /// forge-config: default.fuzz.runs = 512
    function testFuzz_producers_parts_sum_to_what_was_shared(uint64[5] memory feedIn, uint64 total, uint16 t)
        public
        pure
    {
        Leaves.Header memory header;
        for (uint256 i; i < 5; ++i) {
            feedIn[i] >>= 3;
            if (feedIn[i] % 7 == 0) feedIn[i] = 0;
            header.feedIn += feedIn[i];
        }
        header.allocated = uint64(uint256(total) % (uint256(header.feedIn) + 1));
        SharingKeys.Member memory member;
        (member.direction, member.slots, member.t) = (1, 13, t);
        header.tau = tauOf(feedIn, header, member);
        uint256 sum;
        for (uint256 i; i < 5; ++i) {
            member.slot = uint32(2 * i + 1);
            uint256 shared = SharingKeys.allocated(member, header, feedIn[i]);
            holds("at most its feed-in", shared <= feedIn[i]);
            sum += shared;
        }
        same("the shared total", sum, header.allocated);
    }

    function allocated(SharingKeys.Member memory member, Leaves.Header memory header, uint64 energy)
        external
        pure
        returns (uint256)
    {
        return SharingKeys.allocated(member, header, energy);
    }

    /// @dev The least tau that hands out all of what flooring left, found by trying.
    function tauOf(uint64[5] memory feedIn, Leaves.Header memory header, SharingKeys.Member memory member)
        private
        pure
        returns (uint32 tau)
    {
        Leaves.Header memory trial = Leaves.Header(header.feedIn, 0, header.allocated, 0, 0);
        for (; tau <= member.slots; ++tau) {
            trial.tau = tau;
            uint256 sum;
            for (uint256 i; i < 5; ++i) {
                member.slot = uint32(2 * i + 1);
                sum += SharingKeys.allocated(member, trial, feedIn[i]);
            }
            if (sum == header.allocated) return tau;
        }
    }

    function allocationCase(string memory json, string memory key) private pure {
        SharingKeys.Member memory member;
        bytes32 method = keccak256(bytes(vm.parseJsonString(json, string.concat(key, ".method"))));
        member.method = method == keccak256("dynamic") ? 1 : 2;
        member.slots = uint32(number(json, string.concat(key, ".slots")));
        member.t = uint16(number(json, string.concat(key, ".t")));
        Leaves.Header memory header;
        header.feedIn = uint64(number(json, string.concat(key, ".P")));
        header.consumption = uint64(number(json, string.concat(key, ".C")));
        header.allocated = uint64(number(json, string.concat(key, ".A")));
        header.tau = uint32(number(json, string.concat(key, ".tau")));
        uint256[] memory slot = numbers(json, string.concat(key, ".slot"));
        uint256[] memory direction = numbers(json, string.concat(key, ".direction"));
        uint256[] memory energy = numbers(json, string.concat(key, ".energy"));
        uint256[] memory expected = numbers(json, string.concat(key, ".allocated"));
        uint256[] memory weight =
            member.method == 2 ? numbers(json, string.concat(key, ".coefficients_ppm")) : new uint256[](0);
        for (uint256 i; i < slot.length; ++i) {
            (member.slot, member.direction) = (uint32(slot[i]), uint8(direction[i]));
            member.coefficientPpm = member.method == 2 ? uint32(weight[i]) : 0;
            same(entryOf(key, i), SharingKeys.allocated(member, header, uint64(energy[i])), expected[i]);
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
            member.method = method;
            for (uint256 j; j < consumption.length; ++j) {
                member.coefficientPpm = method == 2 ? uint32(weight[j]) : 0;
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
            string memory entry = entryOf(".producers", i);
            Leaves.Header memory header;
            header.allocated = uint64(number(json, string.concat(entry, ".allocated")));
            header.tau = uint32(number(json, string.concat(entry, ".tau")));
            SharingKeys.Member memory member;
            (member.direction, member.slots) = (1, uint32(number(json, string.concat(entry, ".slots"))));
            member.t = uint16(number(json, string.concat(entry, ".t")));
            uint256[] memory expected = numbers(json, string.concat(entry, ".shared"));
            string memory feedIn = string.concat(entry, ".feed_in");
            for (uint256 j; j < expected.length; ++j) {
                header.feedIn += uint64(numbers(json, entryOf(feedIn, j))[1]);
            }
            for (uint256 j; j < expected.length; ++j) {
                uint256[] memory pair = numbers(json, entryOf(feedIn, j));
                member.slot = uint32(pair[0]);
                same(entry, SharingKeys.allocated(member, header, uint64(pair[1])), expected[j]);
            }
        }
    }

    function least(uint256 a, uint256 b) private pure returns (uint256) {
        return a < b ? a : b;
    }
}
