// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Arrays } from "@openzeppelin/contracts/utils/Arrays.sol";
import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";
import { SafeCast } from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import { ICommunityRegistry } from "./interfaces/ICommunityRegistry.sol";
import { IPeriodBook } from "./interfaces/IPeriodBook.sol";
import { IRuleBook } from "./interfaces/IRuleBook.sol";
import { RuleForm } from "./libraries/RuleForm.sol";
import { RuleWords } from "./libraries/RuleWords.sol";
import { Rulership } from "./libraries/Rulership.sol";
import { HORIZON_DAYS } from "./types/Periods.sol";
import {
    Limits,
    METHOD_HYBRID,
    METHOD_PAIRWISE,
    METHOD_PRIORITY,
    METHOD_STATIC,
    METHOD_STATIC_CASCADE,
    PRICING_PRODUCER,
    Rule,
    SharingKey,
    SlotTerms,
    Tariff
} from "./types/Rules.sol";
import { ValueTerms } from "./types/ValueTerms.sol";

/// @title RuleBook
/// @notice See {IRuleBook}.
contract RuleBook is IRuleBook {
    using Arrays for uint256[];
    using RuleWords for uint256;

    /// @dev A version as kept.
    struct Entry {
        /// @dev See {RuleWords}.
        uint256 head;
        uint256 prices;
        Rule rule;
    }

    /// @notice Who is steward, and who carries out what members vote.
    ICommunityRegistry public immutable registry;
    /// @notice Which periods are open.
    IPeriodBook public immutable periodBook;

    mapping(bytes32 community => mapping(uint32 version => Entry)) private _entries;
    /// @dev First date of each version, ascending; the first entry is version 1. [days since 1970-01-01]
    mapping(bytes32 community => uint256[]) private _dates;

    constructor(ICommunityRegistry registry_, IPeriodBook periodBook_) {
        registry = registry_;
        periodBook = periodBook_;
    }

    /// @inheritdoc IRuleBook
    function scheduleRule(bytes32 community, Rule calldata newRule) external returns (uint32 version) {
        bool voted = Rulership.requireRuler(registry, community, msg.sender);
        uint32 effectiveFrom = newRule.effectiveFrom;
        uint32 earliest = _earliestDate(community);
        // Opening periods while members vote must not undo their vote.
        if (voted && effectiveFrom < earliest) effectiveFrom = earliest;
        require(effectiveFrom >= earliest, RuleBackdated(community, effectiveFrom, earliest));
        uint32 latest = SafeCast.toUint32(Math.max(earliest, block.timestamp / 1 days + HORIZON_DAYS));
        require(effectiveFrom <= latest, RuleTooFarAhead(community, effectiveFrom, latest));
        RuleForm.requireWellFormed(newRule);

        _dates[community].push(effectiveFrom);
        version = _latestVersion(community);
        Entry storage entry = _entries[community][version];
        entry.rule = newRule;
        entry.rule.effectiveFrom = effectiveFrom;
        (entry.head, entry.prices) = RuleWords.pack(newRule);
        emit RuleScheduled(community, version, effectiveFrom);
    }

    /// @inheritdoc IRuleBook
    function requireWellFormed(Rule calldata newRule) external pure {
        RuleForm.requireWellFormed(newRule);
    }

    /// @inheritdoc IRuleBook
    function ruleAt(bytes32 community, uint32 period) external view returns (uint32 version) {
        // As many versions as began by then: the last of them is in force.
        return SafeCast.toUint32(_dates[community].upperBound(period));
    }

    /// @inheritdoc IRuleBook
    function rule(bytes32 community, uint32 version) external view returns (Rule memory) {
        return _existing(community, version).rule;
    }

    /// @inheritdoc IRuleBook
    function latestVersion(bytes32 community) external view returns (uint32) {
        return _latestVersion(community);
    }

    /// @inheritdoc IRuleBook
    function limitsOf(bytes32 community, uint32 version) external view returns (Limits memory) {
        return _existing(community, version).rule.limits;
    }

    /// @inheritdoc IRuleBook
    function contestWindowOf(bytes32 community, uint32 version) external view returns (uint32) {
        return _existing(community, version).rule.contestWindowSeconds;
    }

    /// @inheritdoc IRuleBook
    function slotTermsOf(bytes32 community, uint32 version, uint32 slot)
        external
        view
        returns (SlotTerms memory terms)
    {
        Entry storage entry = _existing(community, version);
        uint256 head = entry.head;
        uint8 method = head.method();
        (terms.method, terms.source, terms.surplusOwner) = (method, head.source(), head.surplusOwner());
        SharingKey storage key = entry.rule.key;
        if (method == METHOD_PAIRWISE) {
            terms.producers = key.producers;
            terms.pairsPpm = _pairsOf(key.coefficientsPpm, slot, terms.producers.length);
            return terms;
        }
        if (method == METHOD_PRIORITY) terms.tierMethods = key.tierMethods;
        terms.producerKey = head.hasProducerKey();
        (terms.coefficientPpm, terms.tier, terms.producerPpm) = _weightsOf(key, head, slot);
    }

    /// @inheritdoc IRuleBook
    function weightsOf(bytes32 community, uint32 version, uint32 slot)
        external
        view
        returns (uint32 coefficientPpm, uint8 tier, uint32 producerPpm)
    {
        Entry storage entry = _existing(community, version);
        return _weightsOf(entry.rule.key, entry.head, slot);
    }

    /// @inheritdoc IRuleBook
    function scheduleOf(bytes32 community, uint32 version)
        external
        view
        returns (uint8 method, uint8 source, uint8 schedule)
    {
        uint256 head = _existing(community, version).head;
        return (head.method(), head.source(), head.schedule());
    }

    /// @inheritdoc IRuleBook
    function billWordsOf(bytes32 community, uint32 version)
        external
        view
        returns (uint256 head, uint256 prices)
    {
        Entry storage entry = _entries[community][version];
        head = entry.head;
        require(head != 0, RuleUnknown(community, version));
        prices = entry.prices;
    }

    /// @inheritdoc IRuleBook
    function valueTermsOf(bytes32 community, uint32 version) external view returns (ValueTerms memory) {
        Tariff storage tariff = _existing(community, version).rule.tariff;
        return ValueTerms({
            residualPrice: tariff.residualPrice,
            sharedPrice: tariff.sharedPrice,
            surplusPrice: tariff.surplusPrice,
            pricing: tariff.pricing,
            seller: tariff.seller
        });
    }

    /// @inheritdoc IRuleBook
    function producerPriceOf(bytes32 community, uint32 version, uint32 slot)
        external
        view
        returns (bool named, uint32 price)
    {
        Tariff storage tariff = _existing(community, version).rule.tariff;
        named = tariff.pricing == PRICING_PRODUCER;
        if (named) price = _entryOf(tariff.producerPrice, slot);
    }

    function _weightsOf(SharingKey storage key, uint256 head, uint32 slot)
        private
        view
        returns (uint32 coefficientPpm, uint8 tier, uint32 producerPpm)
    {
        uint8 own = head.method();
        if (own == METHOD_PRIORITY) {
            tier = slot < key.tiers.length ? key.tiers[slot] : uint8(key.tierMethods.length - 1);
            own = key.tierMethods[tier];
        }
        if (own == METHOD_STATIC || own == METHOD_STATIC_CASCADE || own == METHOD_HYBRID) {
            coefficientPpm = _entryOf(key.coefficientsPpm, slot);
        }
        if (head.hasProducerKey()) {
            producerPpm = SafeCast.toUint32(Math.max(1, _entryOf(key.producerPpm, slot)));
        }
    }

    function _entryOf(uint32[] storage list, uint32 slot) private view returns (uint32) {
        return slot < list.length ? list[slot] : 0;
    }

    /// @dev Zeros beyond the end.
    function _pairsOf(uint32[] storage coefficientsPpm, uint32 slot, uint256 producers)
        private
        view
        returns (uint32[] memory pairsPpm)
    {
        pairsPpm = new uint32[](producers);
        uint256 first = slot * producers;
        if (first >= coefficientsPpm.length) return pairsPpm;
        for (uint256 r; r < producers; ++r) {
            pairsPpm[r] = coefficientsPpm[first + r];
        }
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

    function _existing(bytes32 community, uint32 version) private view returns (Entry storage kept) {
        kept = _entries[community][version];
        // Every rule has a method, so method 0 says that nothing was ever written here.
        require(kept.head != 0, RuleUnknown(community, version));
    }
}
