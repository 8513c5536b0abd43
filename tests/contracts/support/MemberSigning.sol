// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { GiveConsent, WithdrawConsent } from "../../../contracts/types/Seats.sol";
import { Paper } from "../../../contracts/types/Proposals.sol";
import { vm } from "./Vm.sol";

/// @dev What members sign, as a wallet does it; written from the protocol and not from the contracts.
library MemberSigning {
    /// @dev Where a signature holds.
    struct Domain {
        uint256 chainId;
        address verifier;
    }

    bytes32 private constant DOMAIN_TYPE =
        keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");
    uint256 internal constant ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;

    function domainOf(address verifier) internal view returns (Domain memory) {
        return Domain({ chainId: block.chainid, verifier: verifier });
    }

    /// @dev 65 bytes: support, r, vs.
    function vote(uint256 key, Domain memory domain, bytes32 community, uint256 proposalId, uint8 support)
        internal
        pure
        returns (bytes memory)
    {
        bytes32 kind = keccak256("Vote(bytes32 community,uint256 proposalId,uint8 support)");
        (uint8 v, bytes32 r, bytes32 s) =
            vm.sign(key, digest(domain, keccak256(abi.encode(kind, community, proposalId, support))));
        bytes32 vs = bytes32(uint256(s) | (uint256(v - 27) << 255));
        return abi.encodePacked(support, r, vs);
    }

    function propose(
        uint256 key,
        Domain memory domain,
        bytes32 community,
        bytes memory call,
        Paper memory paper
    ) internal pure returns (bytes memory) {
        bytes32 kind = keccak256(
            "Propose(bytes32 community,address member,bytes32 action,bytes32 text,bytes32 rehearsal,uint256 nonce)"
        );
        bytes32 hash = keccak256(
            abi.encode(
                kind, community, vm.addr(key), keccak256(call), paper.text, paper.rehearsal, paper.nonce
            )
        );
        return sign(key, domain, hash);
    }

    function withdraw(uint256 key, Domain memory domain, bytes32 community, uint256 proposalId)
        internal
        pure
        returns (bytes memory)
    {
        bytes32 kind = keccak256("Withdraw(bytes32 community,uint256 proposalId)");
        return sign(key, domain, keccak256(abi.encode(kind, community, proposalId)));
    }

    function replaceKey(
        uint256 key,
        Domain memory domain,
        bytes32 community,
        uint32 seat,
        address to,
        uint256 nonce
    ) internal pure returns (bytes memory) {
        bytes32 kind = keccak256("ReplaceKey(bytes32 community,uint32 seat,address to,uint256 nonce)");
        return sign(key, domain, keccak256(abi.encode(kind, community, seat, to, nonce)));
    }

    function objectRecovery(uint256 key, Domain memory domain, bytes32 community, uint32 seat, uint256 nonce)
        internal
        pure
        returns (bytes memory)
    {
        bytes32 kind = keccak256("ObjectRecovery(bytes32 community,uint32 seat,uint256 nonce)");
        return sign(key, domain, keccak256(abi.encode(kind, community, seat, nonce)));
    }

    function giveConsent(uint256 key, Domain memory domain, GiveConsent memory c)
        internal
        pure
        returns (bytes memory)
    {
        bytes32 kind = keccak256(
            "GiveConsent(bytes32 community,address holder,address grantee,uint8 scope,uint64 from,uint64 until,uint256 nonce)"
        );
        bytes memory head = abi.encode(kind, c.community, c.holder, c.grantee, c.scope);
        return sign(key, domain, keccak256(bytes.concat(head, abi.encode(c.from, c.until, c.nonce))));
    }

    function withdrawConsent(uint256 key, Domain memory domain, WithdrawConsent memory c)
        internal
        pure
        returns (bytes memory)
    {
        bytes32 kind = keccak256(
            "WithdrawConsent(bytes32 community,address holder,address grantee,uint8 scope,uint256 nonce)"
        );
        return
            sign(key, domain, keccak256(abi.encode(kind, c.community, c.holder, c.grantee, c.scope, c.nonce)));
    }

    function sign(uint256 key, Domain memory domain, bytes32 structHash)
        internal
        pure
        returns (bytes memory)
    {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest(domain, structHash));
        return abi.encodePacked(r, s, v);
    }

    /// @dev The other signature of the same text by the same key that the curve allows.
    function mirrored(bytes memory signature) internal pure returns (bytes memory) {
        (bytes32 r, bytes32 s) = abi.decode(signature, (bytes32, bytes32));
        return abi.encodePacked(r, ORDER - uint256(s), uint8(signature[64]) == 27 ? 28 : 27);
    }

    function digest(Domain memory domain, bytes32 structHash) private pure returns (bytes32) {
        bytes32 separator = keccak256(
            abi.encode(DOMAIN_TYPE, keccak256("Partage"), keccak256("1"), domain.chainId, domain.verifier)
        );
        return keccak256(abi.encodePacked(hex"1901", separator, structHash));
    }
}
