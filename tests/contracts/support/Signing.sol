// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Batch } from "../../../contracts/types/Batches.sol";
import { ConfirmPoint } from "../../../contracts/types/Points.sol";
import { vm } from "./Vm.sol";

/// @dev EIP-712 as a wallet does it, written from the protocol and not from the contracts.
library Signing {
    bytes32 private constant DOMAIN_TYPE =
        keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");
    string private constant POINT_FIELDS =
        "ConfirmPoint(bytes32 community,uint32 period,uint32 slot,bytes32 tag,uint8 direction,uint32 factorPpm,uint16 fromDay,uint16 untilDay)";
    string private constant BATCH_FIELDS =
        "Batch(bytes32 community,uint32 period,uint32 version,bytes32 predecessor,bytes32 root,uint64 measured,uint64 estimated,uint64 missing,uint8 label,bytes32 source)";

    function points(
        uint256 key,
        address verifier,
        bytes32 community,
        uint32 period,
        ConfirmPoint[] memory list
    ) internal view returns (bytes memory) {
        bytes32 pointType = keccak256(bytes(POINT_FIELDS));
        bytes32 listType = keccak256(
            bytes(
                string.concat(
                    "ConfirmPoints(bytes32 community,uint32 period,ConfirmPoint[] points)", POINT_FIELDS
                )
            )
        );
        bytes memory members;
        for (uint256 i; i < list.length; ++i) {
            ConfirmPoint memory p = list[i];
            bytes memory head = abi.encode(pointType, p.community, p.period, p.slot, p.tag);
            bytes memory tail = abi.encode(p.direction, p.factorPpm, p.fromDay, p.untilDay);
            members = bytes.concat(members, keccak256(bytes.concat(head, tail)));
        }
        return _sign(
            key,
            verifier,
            block.chainid,
            keccak256(abi.encode(listType, community, period, keccak256(members)))
        );
    }

    function batch(uint256 key, address verifier, Batch memory b) internal view returns (bytes memory) {
        return batchOnChain(key, verifier, block.chainid, b);
    }

    function batchOnChain(uint256 key, address verifier, uint256 chainId, Batch memory b)
        internal
        pure
        returns (bytes memory)
    {
        bytes memory head = abi.encode(
            keccak256(bytes(BATCH_FIELDS)), b.community, b.period, b.version, b.predecessor, b.root
        );
        bytes memory tail = abi.encode(b.measured, b.estimated, b.missing, b.label, b.source);
        return _sign(key, verifier, chainId, keccak256(bytes.concat(head, tail)));
    }

    function _sign(uint256 key, address verifier, uint256 chainId, bytes32 structHash)
        private
        pure
        returns (bytes memory)
    {
        bytes32 domain =
            keccak256(abi.encode(DOMAIN_TYPE, keccak256("Partage"), keccak256("1"), chainId, verifier));
        (uint8 v, bytes32 r, bytes32 s) =
            vm.sign(key, keccak256(abi.encodePacked(hex"1901", domain, structHash)));
        return abi.encodePacked(r, s, v);
    }
}
