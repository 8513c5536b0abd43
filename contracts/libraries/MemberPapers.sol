// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { ConfirmPoint } from "../types/Points.sol";
import { GiveConsent, WithdrawConsent } from "../types/Seats.sol";

/// @title What grid operators and members sign for the registry, as EIP-712 hashes it
library MemberPapers {
    bytes32 private constant CONFIRM_POINT_TYPEHASH = keccak256(
        "ConfirmPoint(bytes32 community,uint32 period,uint32 slot,bytes32 tag,uint8 direction,uint32 factorPpm,uint16 fromDay,uint16 untilDay)"
    );
    bytes32 private constant CONFIRM_POINTS_TYPEHASH = keccak256(
        "ConfirmPoints(bytes32 community,uint32 period,ConfirmPoint[] points)ConfirmPoint(bytes32 community,uint32 period,uint32 slot,bytes32 tag,uint8 direction,uint32 factorPpm,uint16 fromDay,uint16 untilDay)"
    );
    bytes32 private constant REPLACE_KEY_TYPEHASH =
        keccak256("ReplaceKey(bytes32 community,uint32 seat,address to,uint256 nonce)");
    bytes32 private constant OBJECT_RECOVERY_TYPEHASH =
        keccak256("ObjectRecovery(bytes32 community,uint32 seat,uint256 nonce)");
    bytes32 private constant GIVE_CONSENT_TYPEHASH = keccak256(
        "GiveConsent(bytes32 community,address holder,address grantee,uint8 scope,uint64 from,uint64 until,uint256 nonce)"
    );
    bytes32 private constant WITHDRAW_CONSENT_TYPEHASH = keccak256(
        "WithdrawConsent(bytes32 community,address holder,address grantee,uint8 scope,uint256 nonce)"
    );

    /// @notice Points that a grid operator confirms.
    function confirmPoints(bytes32 community, uint32 period, ConfirmPoint[] calldata points)
        internal
        pure
        returns (bytes32)
    {
        bytes32[] memory hashes = new bytes32[](points.length);
        for (uint256 i; i < points.length; ++i) {
            hashes[i] = keccak256(abi.encode(CONFIRM_POINT_TYPEHASH, points[i]));
        }
        bytes32 list = keccak256(abi.encodePacked(hashes));
        return keccak256(abi.encode(CONFIRM_POINTS_TYPEHASH, community, period, list));
    }

    /// @notice A holder's new key.
    function replaceKey(bytes32 community, uint32 seat, address to, uint256 nonce)
        internal
        pure
        returns (bytes32)
    {
        return keccak256(abi.encode(REPLACE_KEY_TYPEHASH, community, seat, to, nonce));
    }

    /// @notice A holder's objection.
    function objectRecovery(bytes32 community, uint32 seat, uint256 nonce) internal pure returns (bytes32) {
        return keccak256(abi.encode(OBJECT_RECOVERY_TYPEHASH, community, seat, nonce));
    }

    /// @notice A holder's consent.
    function giveConsent(GiveConsent calldata consent) internal pure returns (bytes32) {
        return keccak256(abi.encode(GIVE_CONSENT_TYPEHASH, consent));
    }

    /// @notice A consent that a holder takes back.
    function withdrawConsent(WithdrawConsent calldata consent) internal pure returns (bytes32) {
        return keccak256(abi.encode(WITHDRAW_CONSENT_TYPEHASH, consent));
    }
}
