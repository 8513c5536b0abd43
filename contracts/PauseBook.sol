// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";
import { ICommunityRegistry } from "./interfaces/ICommunityRegistry.sol";
import { IPauseBook } from "./interfaces/IPauseBook.sol";
import { Rulership } from "./libraries/Rulership.sol";

/// @title PauseBook
/// @notice See {IPauseBook}.
contract PauseBook is IPauseBook {
    /// @dev Who asked for a pause last, and when; the zero address where nobody did.
    struct Request {
        address guardian;
        uint64 askedAt;
    }

    uint64 private constant AGREEMENT_TIME = 1 days;
    uint64 private constant PAUSE_TIME = 7 days;
    uint64 private constant REST_TIME = 30 days;

    /// @notice Who names guardians.
    ICommunityRegistry public immutable registry;

    mapping(bytes32 community => address[3]) private _guardians;
    mapping(bytes32 community => Request) private _requests;
    /// @dev When each pause began, ascending.
    mapping(bytes32 community => uint64[]) private _pauses;

    constructor(ICommunityRegistry registry_) {
        registry = registry_;
    }

    /// @inheritdoc IPauseBook
    function nameGuardians(bytes32 community, address[3] calldata guardians) external {
        Rulership.requireRuler(registry, community, msg.sender);
        for (uint256 i; i < guardians.length; ++i) {
            require(guardians[i] != address(0), GuardianMissing(community, i));
            for (uint256 j; j < i; ++j) {
                require(guardians[j] != guardians[i], GuardianTwice(community, guardians[i]));
            }
        }
        _guardians[community] = guardians;
        // What a former guardian asked for is not half of what the new ones decide.
        delete _requests[community];
        emit GuardiansNamed(community, guardians);
    }

    /// @inheritdoc IPauseBook
    function pause(bytes32 community) external {
        require(_isGuardian(community, msg.sender), NotGuardian(community, msg.sender));
        uint64 present = uint64(block.timestamp);
        uint64 earliest = _earliestPause(community);
        require(present >= earliest, PauseTooSoon(community, earliest));
        emit PauseAsked(community, msg.sender);

        Request memory asked = _requests[community];
        bool agreed = asked.guardian != address(0) && asked.guardian != msg.sender
            && present < asked.askedAt + AGREEMENT_TIME;
        if (!agreed) {
            _requests[community] = Request({ guardian: msg.sender, askedAt: present });
            return;
        }
        delete _requests[community];
        _pauses[community].push(present);
        emit CommunityPaused(community, present, present + PAUSE_TIME);
    }

    /// @inheritdoc IPauseBook
    function isPaused(bytes32 community) external view returns (bool) {
        return _pausedUntil(community) != 0;
    }

    /// @inheritdoc IPauseBook
    function pausedUntil(bytes32 community) external view returns (uint64) {
        return _pausedUntil(community);
    }

    /// @inheritdoc IPauseBook
    function shifted(bytes32 community, uint64 from, uint64 until) external view returns (uint64) {
        uint64[] storage pauses = _pauses[community];
        // The first pause that had not ended when the window began: of long ago there may be many, of late there are few.
        uint256 i = pauses.length;
        while (i > 0 && pauses[i - 1] + PAUSE_TIME > from) {
            --i;
        }
        for (; i < pauses.length && pauses[i] < until; ++i) {
            until += pauses[i] + PAUSE_TIME - uint64(Math.max(pauses[i], from));
        }
        return until;
    }

    /// @inheritdoc IPauseBook
    function guardiansOf(bytes32 community) external view returns (address[3] memory) {
        return _guardians[community];
    }

    /// @inheritdoc IPauseBook
    function pauseCount(bytes32 community) external view returns (uint256) {
        return _pauses[community].length;
    }

    /// @inheritdoc IPauseBook
    function pauseAt(bytes32 community, uint256 index) external view returns (uint64 from, uint64 until) {
        from = _pauses[community][index];
        until = from + PAUSE_TIME;
    }

    function _pausedUntil(bytes32 community) private view returns (uint64) {
        uint256 count = _pauses[community].length;
        if (count == 0) return 0;
        uint64 until = _pauses[community][count - 1] + PAUSE_TIME;
        return block.timestamp < until ? until : 0;
    }

    function _earliestPause(bytes32 community) private view returns (uint64) {
        uint256 count = _pauses[community].length;
        return count == 0 ? 0 : _pauses[community][count - 1] + PAUSE_TIME + REST_TIME;
    }

    function _isGuardian(bytes32 community, address account) private view returns (bool) {
        address[3] storage guardians = _guardians[community];
        return account == guardians[0] || account == guardians[1] || account == guardians[2];
    }
}
