// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { ECDSA } from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import { BitMaps } from "@openzeppelin/contracts/utils/structs/BitMaps.sol";
import { ICommunityGovernor } from "../interfaces/ICommunityGovernor.sol";
import { SUPPORT_ABSTAIN, SUPPORT_AGAINST, SUPPORT_FOR, Tally } from "../types/Proposals.sol";

/// @title Votes as they are sent, 65 bytes each: support, then r and vs of a signature (EIP-2098)
library Ballots {
    uint256 private constant VOTE_BYTES = 65;
    uint256 private constant ONE_BIT = 1;

    /// @notice Who signed each vote; zero where the support or the signature is none.
    /// @param digests What is signed for each support.
    /// @param votes The votes.
    function signersOf(bytes32[3] memory digests, bytes calldata votes)
        internal
        pure
        returns (address[] memory signers)
    {
        require(votes.length % VOTE_BYTES == 0, ICommunityGovernor.VotesMalformed(votes.length));
        signers = new address[](votes.length / VOTE_BYTES);
        for (uint256 i; i < signers.length; ++i) {
            uint8 support = uint8(votes[0]);
            if (support <= SUPPORT_ABSTAIN) {
                (signers[i],,) =
                    ECDSA.tryRecover(digests[support], bytes32(votes[1:33]), bytes32(votes[33:65]));
            }
            votes = votes[VOTE_BYTES:];
        }
    }

    /// @notice Support of a vote.
    /// @param votes The votes.
    /// @param index Which, from 0.
    function supportOf(bytes calldata votes, uint256 index) internal pure returns (uint8) {
        // Reading beyond the votes is refused, also where the product wraps.
        unchecked {
            return uint8(votes[index * VOTE_BYTES]);
        }
    }

    /// @notice Mark that a seat has voted.
    /// @dev Like BitMaps, but its word is found once for looking and marking.
    /// @param voted Which seats have.
    /// @param seat The seat.
    /// @return first Whether it had not.
    function mark(BitMaps.BitMap storage voted, uint32 seat) internal returns (bool first) {
        mapping(uint256 bucket => uint256) storage words = voted._data;
        uint256 word = words[seat >> 8];
        uint256 marked = word | (ONE_BIT << (seat & 0xff));
        first = marked != word;
        if (first) words[seat >> 8] = marked;
    }

    /// @notice Count a vote of a support that there is.
    /// @param tally Votes so far, changed in place.
    /// @param support 0 against, 1 for, 2 abstain.
    /// @param weight Votes of the seat.
    function add(Tally memory tally, uint8 support, uint16 weight) internal pure {
        // 1,920 seats of 2^16 votes at most.
        unchecked {
            if (support == SUPPORT_FOR) tally.inFavour += weight;
            else if (support == SUPPORT_AGAINST) tally.against += weight;
            else tally.abstain += weight;
        }
    }
}
