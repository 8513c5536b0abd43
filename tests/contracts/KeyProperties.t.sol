// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Leaves } from "../../contracts/libraries/Leaves.sol";
import { SharingKeys } from "../../contracts/libraries/SharingKeys.sol";
import { Claims } from "./support/Claims.sol";
import { Sharing } from "./support/Sharing.sol";

/// @dev What holds for every key, five consumers and five producers, whatever they use and feed in.
contract KeyPropertiesTest is Claims {
    uint64 private constant MOST = 1 << 60;

    /// forge-config: default.fuzz.runs = 2048
    function testFuzz_consumers_never_get_more_than_the_pool_or_their_consumption(
        uint64 pool,
        uint64[5] memory consumption,
        uint32[5] memory weight,
        uint8 choice
    ) public pure {
        Sharing.Group memory all = everyone(consumption, weight, pool % 61);
        // As much as they use, or a little of it, or plenty.
        pool >>= weight[0] % 64;
        SharingKeys.Member memory member;
        member.terms.method = 1 + choice % 6;
        Leaves.Header memory header = headerOf(pool, all);
        if (member.terms.method >= 3 && member.terms.method <= 5) {
            header.rounds = new Leaves.Round[](1);
            (Leaves.Round memory own, Leaves.Round memory level) =
                Sharing.roundsOf(member.terms.method, pool, all);
            header.rounds[0] = member.terms.method == 3 ? own : level;
        }
        uint256 sum;
        for (uint256 i; i < 5; ++i) {
            member.terms.coefficientPpm = all.coefficient[i];
            sum += given(member, header, all.consumption[i]);
        }
        holds("at most the pool", sum <= pool);
        uint256 possible = pool < header.consumption ? pool : header.consumption;
        bool leavesNothing = member.terms.method == 1 || member.terms.method == 5;
        if (member.terms.method == 4) {
            leavesNothing = all.coefficient[0] > 0 && all.coefficient[1] > 0 && all.coefficient[2] > 0
                && all.coefficient[3] > 0 && all.coefficient[4] > 0;
        }
        holds("less than one each is left", !leavesNothing || possible - sum < 5);
    }

    /// forge-config: default.fuzz.runs = 2048
    function testFuzz_tiers_together_get_at_most_the_pool(
        uint64 pool,
        uint64[5] memory consumption,
        uint32[5] memory weight,
        uint8[3] memory methods,
        uint8[5] memory tiers
    ) public pure {
        SharingKeys.Member memory member;
        member.terms.method = 8;
        member.terms.tierMethods = new uint8[](3);
        Sharing.Group memory all = everyone(consumption, weight, pool % 61);
        pool >>= weight[0] % 64;
        Leaves.Header memory header = headerOf(pool, all);
        header.rounds = new Leaves.Round[](6);
        uint256 place;
        uint256 left = pool;
        for (uint8 tier; tier < 3; ++tier) {
            uint8 method = 1 + methods[tier] % 5;
            (member.terms.tierMethods[tier], member.terms.tier) = (method, tier);
            for (uint256 i; i < 5; ++i) {
                all.member[i] = tiers[i] % 3 == tier;
            }
            Leaves.Round memory level;
            (header.rounds[place], level) = Sharing.roundsOf(method, uint64(left), all);
            if (method >= 4) header.rounds[place + 1] = level;
            place += method >= 4 ? 2 : 1;
            // Goes below zero, and fails, where a tier gives more than there is.
            left -= givenToTier(member, header, all);
        }
        header.rounds = first(header.rounds, place);
        holds("as many rounds as the key has", SharingKeys.headerHolds(member, header, 0));
    }

    /// forge-config: default.fuzz.runs = 1024
    function testFuzz_a_producer_gives_at_most_what_it_fed_in(
        uint64[5] memory consumption,
        uint64[3] memory feedIn,
        uint32[15] memory pairs
    ) public pure {
        SharingKeys.Member memory member;
        member.terms.method = 7;
        member.terms.producers = new uint32[](3);
        (member.terms.producers[0], member.terms.producers[1], member.terms.producers[2]) = (5, 6, 9);
        Leaves.Header memory header;
        header.rounds = new Leaves.Round[](3);
        for (uint256 r; r < 3; ++r) {
            header.rounds[r].pool = feedIn[r] >> 2;
            header.feedIn += feedIn[r] >> 2;
        }
        uint256 sum;
        for (uint256 i; i < 5; ++i) {
            member.terms.pairsPpm = new uint32[](3);
            for (uint256 r; r < 3; ++r) {
                member.terms.pairsPpm[r] = pairs[3 * i + r] % 200_001;
            }
            uint64 own = consumption[i] >> (pairs[i] % 60);
            sum += given(member, header, own);
            giveTo(header, member.terms.pairsPpm, own);
        }
        uint256 shared;
        member.direction = 1;
        for (uint256 r; r < 3; ++r) {
            member.slot = member.terms.producers[r];
            uint64 own = feedIn[r] >> 2;
            holds("at most its feed-in", SharingKeys.headerHolds(member, header, own));
            shared += SharingKeys.allocated(member, header, own);
        }
        same("what producers gave is what consumers got", shared, sum);
    }

    /// forge-config: default.fuzz.runs = 1024
    function testFuzz_producers_parts_sum_to_what_was_shared(
        uint64[5] memory feedIn,
        uint32[5] memory weight,
        uint64 total,
        uint16 t,
        bool hasKey
    ) public pure {
        Leaves.Header memory header;
        Sharing.Group memory all = everyone(feedIn, weight, total % 59);
        for (uint256 i; i < 5; ++i) {
            header.feedIn += all.consumption[i];
            if (all.coefficient[i] == 0) all.coefficient[i] = 1;
        }
        header.allocated = uint64(uint256(total) % (uint256(header.feedIn) + 1));
        SharingKeys.Member memory member;
        (member.terms.method, member.direction, member.slots, member.t) = (1, 1, 13, t);
        if (hasKey) {
            member.terms.producerKey = true;
            header.rounds = new Leaves.Round[](1);
            header.rounds[0] = Sharing.waterLevel(header.allocated, all);
        }
        holds("its rounds", SharingKeys.headerHolds(member, header, 0));
        for (; header.tau < member.slots && sumOfParts(member, header, all) < header.allocated;) {
            ++header.tau;
        }
        same("the shared total", sumOfParts(member, header, all), header.allocated);
    }

    function sumOfParts(
        SharingKeys.Member memory member,
        Leaves.Header memory header,
        Sharing.Group memory all
    ) private pure returns (uint256 sum) {
        for (uint256 i; i < 5; ++i) {
            member.slot = uint32(2 * i + 1);
            member.terms.producerPpm = all.coefficient[i];
            uint256 part = SharingKeys.allocated(member, header, all.consumption[i]);
            holds("at most its feed-in", part <= all.consumption[i]);
            sum += part;
        }
    }

    function givenToTier(
        SharingKeys.Member memory member,
        Leaves.Header memory header,
        Sharing.Group memory tier
    ) private pure returns (uint256 sum) {
        for (uint256 i; i < 5; ++i) {
            if (!tier.member[i]) continue;
            member.terms.coefficientPpm = tier.coefficient[i];
            uint256 due = SharingKeys.allocated(member, header, tier.consumption[i]);
            holds("at most its consumption", due <= tier.consumption[i]);
            sum += due;
        }
    }

    function given(SharingKeys.Member memory member, Leaves.Header memory header, uint64 consumption)
        private
        pure
        returns (uint256 due)
    {
        holds("its rounds", SharingKeys.headerHolds(member, header, consumption));
        due = SharingKeys.allocated(member, header, consumption);
        holds("at most its consumption", due <= consumption);
    }

    /// @dev Add to each producer's weight what it gives one consumer.
    function giveTo(Leaves.Header memory header, uint32[] memory pairsPpm, uint256 consumption) private pure {
        uint256[3] memory offer;
        uint256 offers;
        for (uint256 r; r < 3; ++r) {
            offer[r] = uint256(header.rounds[r].pool) * pairsPpm[r] / 1_000_000;
            offers += offer[r];
        }
        for (uint256 r; r < 3; ++r) {
            uint256 part = offers <= consumption ? offer[r] : offer[r] * consumption / offers;
            header.rounds[r].weight += uint64(part);
        }
    }

    /// @dev Some use little beside the pool, some nothing, some have no coefficient.
    function everyone(uint64[5] memory consumption, uint32[5] memory weight, uint256 shift)
        private
        pure
        returns (Sharing.Group memory all)
    {
        for (uint256 i; i < 5; ++i) {
            all.member[i] = true;
            all.consumption[i] = weight[i] % 11 == 0 ? 0 : consumption[i] % MOST >> shift;
            all.coefficient[i] = weight[i] % 7 == 0 ? 0 : weight[i] % 200_001;
        }
    }

    function headerOf(uint64 pool, Sharing.Group memory all)
        private
        pure
        returns (Leaves.Header memory header)
    {
        header.feedIn = pool;
        for (uint256 i; i < 5; ++i) {
            header.consumption += all.consumption[i];
        }
    }

    function first(Leaves.Round[] memory rounds, uint256 count)
        private
        pure
        returns (Leaves.Round[] memory list)
    {
        list = new Leaves.Round[](count);
        for (uint256 i; i < count; ++i) {
            list[i] = rounds[i];
        }
    }
}
