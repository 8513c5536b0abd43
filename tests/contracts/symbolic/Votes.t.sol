// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { MessageHashUtils } from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";
import { BitMaps } from "@openzeppelin/contracts/utils/structs/BitMaps.sol";
import { Ballots } from "../../../contracts/libraries/Ballots.sol";
import { SeatRoll } from "../../../contracts/libraries/SeatRoll.sol";
import { VotePapers } from "../../../contracts/libraries/VotePapers.sol";
import { Tally } from "../../../contracts/types/Proposals.sol";
import { Membership } from "../../../contracts/types/Seats.sol";
import { vm } from "../support/Vm.sol";

/// @dev Proved for all values of the arguments, by symbolic execution: `scripts/audit halmos`.
contract SymbolicVotesTest {
    using BitMaps for BitMaps.BitMap;
    using SeatRoll for SeatRoll.Roll;

    BitMaps.BitMap private _voted;
    SeatRoll.Roll private _roll;

    function check_a_seat_votes_once_and_for_no_other(uint32 seat, uint32 other, uint32 third) public {
        bool first = Ballots.mark(_voted, seat);
        assert(first && _voted.get(seat));
        assert(!Ballots.mark(_voted, seat));
        assert(Ballots.mark(_voted, other) == (other != seat));
        assert(_voted.get(third) == (third == seat || third == other));
    }

    function check_a_vote_adds_its_weight_to_one_side(
        uint32 against,
        uint32 inFavour,
        uint32 abstain,
        uint8 support,
        uint16 weight
    ) public pure {
        vm.assume(support < 3);
        Tally memory tally = Tally(against, inFavour, abstain);
        Ballots.add(tally, support, weight);
        assert(tally.against == uint256(against) + (support == 0 ? weight : 0));
        assert(tally.inFavour == uint256(inFavour) + (support == 1 ? weight : 0));
        assert(tally.abstain == uint256(abstain) + (support == 2 ? weight : 0));
    }

    function check_what_is_signed_holds_for_one_contract_community_proposal_and_support(
        bytes32[2] memory domains,
        bytes32[2] memory communities,
        uint256[2] memory proposals,
        uint8[2] memory choices
    ) public pure {
        bytes32 one = MessageHashUtils.toTypedDataHash(
            domains[0], VotePapers.vote(communities[0], proposals[0], choices[0])
        );
        bytes32 other = MessageHashUtils.toTypedDataHash(
            domains[1], VotePapers.vote(communities[1], proposals[1], choices[1])
        );
        bool same = domains[0] == domains[1] && communities[0] == communities[1]
            && proposals[0] == proposals[1] && choices[0] == choices[1];
        assert((one == other) == same);
    }

    function check_a_membership_has_votes_while_it_lasts_and_no_others(
        Membership memory kept,
        uint256 timepoint
    ) public {
        _roll.memberships[address(1)] = kept;
        (uint32 seat, uint16 weight) = _roll.votesAt(address(1), timepoint);
        bool seated =
            kept.seatPlusOne != 0 && timepoint >= kept.since && (kept.until == 0 || timepoint < kept.until);
        assert(seat == (seated ? kept.seatPlusOne - 1 : 0));
        assert(weight == (!seated ? 0 : timepoint < kept.weightSince ? kept.weightBefore : kept.weight));
    }
}
