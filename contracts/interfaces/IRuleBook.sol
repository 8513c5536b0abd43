// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Limits, Rule } from "../types/Rules.sol";

/// @title Every version of a community's rules
/// @notice A version is never changed; it is in force from its date until the next one's.
interface IRuleBook {
    /// @notice A version of the rules was scheduled.
    event RuleScheduled(bytes32 indexed community, uint32 indexed version, uint32 effectiveFrom);

    /// @notice The date is before the first one that a new version may have.
    error RuleBackdated(bytes32 community, uint32 effectiveFrom, uint32 earliest);
    /// @notice There is no such version.
    error RuleUnknown(bytes32 community, uint32 version);
    /// @notice There is no sharing key with this number.
    error RuleMethodUnknown(uint8 method);
    /// @notice There is no surplus owner with this number.
    error RuleSurplusOwnerUnknown(uint8 surplusOwner);
    /// @notice A conformity limit is at most one million: 1 estimated, 2 missing.
    error RuleLimitAboveOne(uint8 limit, uint32 valuePpm);
    /// @notice Value added tax is at most one million.
    error RuleVatAboveOne(uint32 vatPpm);
    /// @notice There is no value added tax class with this number.
    error RuleVatClassUnknown(uint8 communityVatClass);
    /// @notice The mask of what the community bills has four bits.
    error RuleBilledByUnknown(uint8 billedBy);
    /// @notice A tariff's windows are ascending, within the day, of bands 0 to 3, the first at minute 0.
    error RuleWindowMalformed(uint256 index, uint24 window);
    /// @notice A tariff has at least one window.
    error RuleWindowsMissing();
    /// @notice Sharing coefficients sum to at most one million.
    error RuleCoefficientsAboveOne(uint256 sum);
    /// @notice A static key has coefficients, the others have none.
    error RuleCoefficientsMisplaced(uint8 method, uint256 count);

    /// @notice Schedule the next version. Only the steward.
    /// @dev Its date is later than the last version's. But for the first version it is also after the days of every open period and
    /// not before the day of the block. A first version may cover periods that are not open yet.
    /// @param community The community.
    /// @param newRule The rule.
    /// @return version Its version, from 1.
    function scheduleRule(bytes32 community, Rule calldata newRule) external returns (uint32 version);

    /// @notice Version in force on a date, 0 where none is.
    /// @param community The community.
    /// @param period The date. [days since 1970-01-01]
    function ruleAt(bytes32 community, uint32 period) external view returns (uint32 version);

    /// @notice A version of the rules.
    /// @param community The community.
    /// @param version The version.
    function rule(bytes32 community, uint32 version) external view returns (Rule memory);

    /// @notice The last version scheduled, 0 where there is none.
    /// @param community The community.
    function latestVersion(bytes32 community) external view returns (uint32);

    /// @notice Conformity limits of a version.
    /// @param community The community.
    /// @param version The version.
    function limitsOf(bytes32 community, uint32 version) external view returns (Limits memory);

    /// @notice Contest window of a version. [s]
    /// @param community The community.
    /// @param version The version.
    function contestWindowOf(bytes32 community, uint32 version) external view returns (uint32);

    /// @notice Sharing key of a version, and the coefficient that it gives to a slot (0 where it gives none). [ppm]
    /// @param community The community.
    /// @param version The version.
    /// @param slot The slot.
    function sharingKeyOf(bytes32 community, uint32 version, uint32 slot)
        external
        view
        returns (uint8 method, uint32 coefficientPpm);
}
