// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Arrays } from "@openzeppelin/contracts/utils/Arrays.sol";
import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";
import { SafeCast } from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import { ICommunityRegistry } from "./interfaces/ICommunityRegistry.sol";
import { IPeriodBook } from "./interfaces/IPeriodBook.sol";
import { IRuleBook } from "./interfaces/IRuleBook.sol";
import { RuleForm } from "./libraries/RuleForm.sol";
import { Limits, Rule, METHOD_STATIC } from "./types/Rules.sol";

/// @title RuleBook
/// @notice See {IRuleBook}.
contract RuleBook is IRuleBook {
    using Arrays for uint256[];

    /// @notice Who is steward.
    ICommunityRegistry public immutable registry;
    /// @notice Which periods are open.
    IPeriodBook public immutable periodBook;

    mapping(bytes32 community => mapping(uint32 version => Rule)) private _rules;
    /// @dev First date of each version, ascending; the first entry is version 1. [days since 1970-01-01]
    mapping(bytes32 community => uint256[]) private _dates;

    constructor(ICommunityRegistry registry_, IPeriodBook periodBook_) {
        registry = registry_;
        periodBook = periodBook_;
    }

    /// @inheritdoc IRuleBook
    function scheduleRule(bytes32 community, Rule calldata newRule) external returns (uint32 version) {
        require(
            registry.stewardOf(community) == msg.sender, ICommunityRegistry.NotSteward(community, msg.sender)
        );
        uint32 earliest = _earliestDate(community);
        require(newRule.effectiveFrom >= earliest, RuleBackdated(community, newRule.effectiveFrom, earliest));
        RuleForm.requireWellFormed(newRule);

        _dates[community].push(newRule.effectiveFrom);
        version = _latestVersion(community);
        _rules[community][version] = newRule;
        emit RuleScheduled(community, version, newRule.effectiveFrom);
    }

    /// @inheritdoc IRuleBook
    function ruleAt(bytes32 community, uint32 period) external view returns (uint32 version) {
        // As many versions as began by then: the last of them is in force.
        return SafeCast.toUint32(_dates[community].upperBound(period));
    }

    /// @inheritdoc IRuleBook
    function rule(bytes32 community, uint32 version) external view returns (Rule memory) {
        return _existing(community, version);
    }

    /// @inheritdoc IRuleBook
    function latestVersion(bytes32 community) external view returns (uint32) {
        return _latestVersion(community);
    }

    /// @inheritdoc IRuleBook
    function limitsOf(bytes32 community, uint32 version) external view returns (Limits memory) {
        return _existing(community, version).limits;
    }

    /// @inheritdoc IRuleBook
    function contestWindowOf(bytes32 community, uint32 version) external view returns (uint32) {
        return _existing(community, version).contestWindowSeconds;
    }

    /// @inheritdoc IRuleBook
    function sharingKeyOf(bytes32 community, uint32 version, uint32 slot)
        external
        view
        returns (uint8 method, uint32 coefficientPpm)
    {
        Rule storage kept = _existing(community, version);
        method = kept.method;
        if (method != METHOD_STATIC) return (method, 0);
        if (slot < kept.coefficientsPpm.length) coefficientPpm = kept.coefficientsPpm[slot];
    }

    /// @dev A later version must not reach back into what members already live by: the days of open periods, and the past.
    function _earliestDate(bytes32 community) private view returns (uint32) {
        uint256[] storage dates = _dates[community];
        if (dates.length == 0) return 0;
        uint256 afterLast = dates[dates.length - 1] + 1;
        uint256 present = block.timestamp / 1 days;
        uint256 unopened = periodBook.openUntil(community);
        return SafeCast.toUint32(Math.max(afterLast, Math.max(present, unopened)));
    }

    function _latestVersion(bytes32 community) private view returns (uint32) {
        return SafeCast.toUint32(_dates[community].length);
    }

    function _existing(bytes32 community, uint32 version) private view returns (Rule storage kept) {
        kept = _rules[community][version];
        // Every rule has a method, so method 0 says that nothing was ever written here.
        require(kept.method != 0, RuleUnknown(community, version));
    }
}
