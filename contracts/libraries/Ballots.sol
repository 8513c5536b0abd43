// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { ECDSA } from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import { ICommunityGovernor } from "../interfaces/ICommunityGovernor.sol";
import { SUPPORT_ABSTAIN, SUPPORT_AGAINST, SUPPORT_FOR, Tally } from "../types/Proposals.sol";

/// @title Votes as they are sent, 65 bytes each: support, then r and vs of a signature (EIP-2098)
library Ballots {
    uint256 private constant VOTE_BYTES = 65;

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
            bytes calldata vote = votes[i * VOTE_BYTES:(i + 1) * VOTE_BYTES];
            uint8 support = uint8(vote[0]);
            if (support > SUPPORT_ABSTAIN) continue;
            (signers[i],,) = ECDSA.tryRecover(digests[support], bytes32(vote[1:33]), bytes32(vote[33:65]));
        }
    }

    /// @notice Support of a vote.
    /// @param votes The votes.
    /// @param index Which, from 0.
    function supportOf(bytes calldata votes, uint256 index) internal pure returns (uint8) {
        return uint8(votes[index * VOTE_BYTES]);
    }

    /// @notice Count a vote of a support that there is.
    /// @param tally Votes so far, changed in place.
    /// @param support 0 against, 1 for, 2 abstain.
    /// @param weight Votes of the seat.
    function add(Tally memory tally, uint8 support, uint16 weight) internal pure {
        if (support == SUPPORT_AGAINST) tally.against += weight;
        else if (support == SUPPORT_FOR) tally.inFavour += weight;
        else tally.abstain += weight;
    }
}
