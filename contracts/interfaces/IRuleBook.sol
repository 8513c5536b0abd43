// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Limits, Rule, SlotTerms } from "../types/Rules.sol";
import { ValueTerms } from "../types/ValueTerms.sol";

/// @title Every version of a community's rules
/// @notice A version is never changed; it is in force from its date until the next one's.
interface IRuleBook {
    /// @notice A version of the rules was scheduled.
    event RuleScheduled(bytes32 indexed community, uint32 indexed version, uint32 effectiveFrom);

    /// @notice The date is before the first one that a new version may have.
    error RuleBackdated(bytes32 community, uint32 effectiveFrom, uint32 earliest);
    /// @notice A version takes effect within a year of the block, or as soon after as it can. [days since 1970-01-01]
    error RuleTooFarAhead(bytes32 community, uint32 effectiveFrom, uint32 latest);
    /// @notice A contest window lasts a year at most, or nothing would ever be final. [s]
    error RuleWindowTooLong(uint32 given, uint32 most);
    /// @notice There is no such version.
    error RuleUnknown(bytes32 community, uint32 version);
    /// @notice There is no sharing key with this number.
    error RuleMethodUnknown(uint8 method);
    /// @notice There is no surplus owner with this number.
    error RuleSurplusOwnerUnknown(uint8 surplusOwner);
    /// @notice A conformity limit is at most one million: 1 estimated, 2 missing.
    error RuleLimitAboveOne(uint8 limit, uint32 valuePpm);
    /// @notice There is no treatment of gaps with this number.
    error RuleGapsUnknown(uint8 gaps);
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
    /// @notice There is no source of the allocation with this number.
    error RuleSourceUnknown(uint8 source);
    /// @notice Consumers own the surplus where a key entitles them to a part of the pool: static, equal, scheduled.
    error RuleSurplusOwnerMisplaced(uint8 method, uint8 surplusOwner);
    /// @notice A scheduled key says when its schedule is handed in, 1 ahead or 2 after; the others say nothing.
    error RuleScheduleMisplaced(uint8 method, uint8 schedule);
    /// @notice A flow key has link terms, the others have none.
    error RuleLinkTermsMisplaced(uint8 method, bytes32 linkTerms);
    /// @notice A pairwise, flow or incentive key has no producer key.
    error RuleProducerKeyMisplaced(uint8 method, uint256 count);
    /// @notice Sharing coefficients sum to at most one million.
    error RuleCoefficientsAboveOne(uint256 sum);
    /// @notice Keys and tiers that share by coefficients have some, the others have none.
    error RuleCoefficientsMisplaced(uint8 method, uint256 count);
    /// @notice A pairwise key has a coefficient for each slot and producer.
    error RulePairsIncomplete(uint256 count, uint256 producers);
    /// @notice The coefficients of one producer's feed-in sum to at most one million.
    error RulePairsAboveOne(uint32 producer, uint256 sum);
    /// @notice A pairwise key names producers, the others do not.
    error RuleProducersMisplaced(uint8 method, uint256 count);
    /// @notice A pairwise key names no more producers than a header has room for.
    error RuleProducersTooMany(uint256 count, uint256 limit);
    /// @notice Producers are in slot order, each once.
    error RuleProducersUnsorted(uint256 index, uint32 slot);
    /// @notice A priority key has tiers, the others have none.
    error RuleTiersMisplaced(uint8 method, uint256 tierMethods, uint256 tiers);
    /// @notice A priority key has no more tiers than this.
    error RuleTiersTooMany(uint256 count, uint256 limit);
    /// @notice A tier shares by one of the methods 1 to 5.
    error RuleTierMethodUnknown(uint256 tier, uint8 method);
    /// @notice A slot is in a tier that there is.
    error RuleTierUnknown(uint256 slot, uint8 tier, uint256 count);
    /// @notice There is no pricing with this number.
    error RulePricingUnknown(uint8 pricing);
    /// @notice A flow key has no price by supply and demand.
    error RulePricingMisplaced(uint8 method, uint8 pricing);
    /// @notice Prices by supply and demand lie between the surplus price and each band's residual price. [micro-euro per kWh]
    error RuleResidualBelowSurplus(uint256 band, uint32 residualPrice, uint32 surplusPrice);
    /// @notice Producers have prices where each names its own, and none elsewhere.
    error RuleProducerPricesMisplaced(uint8 pricing, uint256 count);
    /// @notice There is no seller with this number.
    error RuleSellerUnknown(uint8 seller);

    /// @notice Schedule the next version. Only the steward, and once an executive is appointed only the executive.
    /// @dev Its date is later than the last version's. But for the first version it is also after the days of every open period and
    /// not before the day of the block. A first version may cover periods that are not open yet. What was voted does not lapse
    /// while it waits: the executive's date is the earliest one where the one asked for has gone by.
    /// @param community The community.
    /// @param newRule The rule.
    /// @return version Its version, from 1.
    function scheduleRule(bytes32 community, Rule calldata newRule) external returns (uint32 version);

    /// @notice Refuse a rule that could not be scheduled, whatever its date, so that nobody votes on it in vain.
    /// @param newRule The rule.
    function requireWellFormed(Rule calldata newRule) external pure;

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

    /// @notice What a row of a slot is held against. Each word read is paid by who contests, so only what the method needs is read.
    /// @param community The community.
    /// @param version The version.
    /// @param slot The slot.
    function slotTermsOf(bytes32 community, uint32 version, uint32 slot)
        external
        view
        returns (SlotTerms memory);

    /// @notice What a run of a version rests on beside its readings.
    /// @param community The community.
    /// @param version The version.
    /// @return method Method of the sharing key.
    /// @return source Whose allocation binds: 0 what the key gives, 1 the grid operator's.
    /// @return schedule Of a scheduled key: 1 handed in ahead, 2 after measurement.
    function scheduleOf(bytes32 community, uint32 version)
        external
        view
        returns (uint8 method, uint8 source, uint8 schedule);

    /// @notice What the key of a version says of one slot, of every method but a pairwise one; see {slotTermsOf}.
    /// @param community The community.
    /// @param version From 1.
    /// @param slot The slot.
    /// @return coefficientPpm Its coefficient; 0 where it has none. [ppm]
    /// @return tier Its tier; 0 where the key has none.
    /// @return producerPpm Its weight in the producer key, at least 1; 0 where there is no producer key. [ppm]
    function weightsOf(bytes32 community, uint32 version, uint32 slot)
        external
        view
        returns (uint32 coefficientPpm, uint8 tier, uint32 producerPpm);

    /// @notice What a bill is computed with, in the two words of {RuleWords}.
    /// @param community The community.
    /// @param version From 1.
    function billWordsOf(bytes32 community, uint32 version)
        external
        view
        returns (uint256 head, uint256 prices);

    /// @notice What the shared energy of a version is worth by.
    /// @param community The community.
    /// @param version The version.
    function valueTermsOf(bytes32 community, uint32 version) external view returns (ValueTerms memory);

    /// @notice What a producer's shared energy is worth where each names its price.
    /// @param community The community.
    /// @param version The version.
    /// @param slot Slot of the producer.
    /// @return named Whether producers name their prices.
    /// @return price The price; 0 beyond the end of those named. [micro-euro per kWh]
    function producerPriceOf(bytes32 community, uint32 version, uint32 slot)
        external
        view
        returns (bool named, uint32 price);
}
