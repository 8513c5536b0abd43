// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

// Methods of a sharing key, a library each.

/// @dev Consumption in proportion, `DynamicKey`.
uint8 constant METHOD_DYNAMIC = 1;
/// @dev Voted coefficients, `StaticKey`.
uint8 constant METHOD_STATIC = 2;
/// @dev As many equal parts as consumption points, `EqualKey`.
uint8 constant METHOD_EQUAL = 3;
/// @dev Voted coefficients in rounds, until nothing is left or everyone has enough, `StaticCascadeKey`.
uint8 constant METHOD_STATIC_CASCADE = 4;
/// @dev Voted coefficients, then the rest in proportion, `HybridKey`.
uint8 constant METHOD_HYBRID = 5;
/// @dev Coefficients per interval, handed in as a schedule, `StaticKey`.
uint8 constant METHOD_SCHEDULED = 6;
/// @dev Coefficients per producer and consumer, `PairwiseKey`.
uint8 constant METHOD_PAIRWISE = 7;
/// @dev Tiers that are served one after the other, `PriorityKey`.
uint8 constant METHOD_PRIORITY = 8;
/// @dev Links between producers and consumers.
uint8 constant METHOD_FLOW = 9;
/// @dev Nothing is moved, what is shared is rewarded, `IncentiveKey`.
uint8 constant METHOD_INCENTIVE = 10;

/// @dev The producer owns the surplus.
uint8 constant SURPLUS_OWNER_PRODUCER = 0;
/// @dev The consumer owns what it was entitled to and did not use.
uint8 constant SURPLUS_OWNER_CONSUMER = 1;
/// @dev The key's formula binds.
uint8 constant SOURCE_COMPUTED = 0;
/// @dev The grid operator's allocation binds.
uint8 constant SOURCE_OPERATOR = 1;
/// @dev The key has no schedule.
uint8 constant SCHEDULE_NONE = 0;
/// @dev The schedule is handed in before the period starts.
uint8 constant SCHEDULE_AHEAD = 1;
/// @dev The schedule is handed in after measurement.
uint8 constant SCHEDULE_AFTER = 2;
/// @dev Shared energy has one price.
uint8 constant PRICING_UNIFORM = 0;
/// @dev Halfway between residual and surplus price.
uint8 constant PRICING_MID_MARKET = 1;
/// @dev The more is fed in, the nearer to the surplus price.
uint8 constant PRICING_SUPPLY_DEMAND = 2;
/// @dev Each producer names its price.
uint8 constant PRICING_PRODUCER = 3;
/// @dev Each producer sells its own, the community invoices in its name.
uint8 constant SELLER_PRODUCER = 1;
/// @dev Gaps are estimated.
uint8 constant GAPS_ESTIMATED = 0;
/// @dev Gaps stay missing and are left to residual supply.
uint8 constant GAPS_EXCLUDED = 1;
/// @dev A batch with gaps goes back to the operator.
uint8 constant GAPS_RETURNED = 2;
/// @dev Number of the conformity limit on estimated readings.
uint8 constant LIMIT_ESTIMATED = 1;
/// @dev Number of the conformity limit on missing readings.
uint8 constant LIMIT_MISSING = 2;

/// @notice Conformity limits of a batch, each a part of all its readings, and what becomes of what was not measured.
/// @param maxEstimatedPpm Most estimated readings. [ppm]
/// @param maxMissingPpm Most missing readings. [ppm]
/// @param gaps Consumption that was not measured: 0 estimated, 1 left to residual supply, 2 returned to the operator.
/// @param terms Hash of the terms by which readings are checked before they are settled; zero where those of the software hold.
struct Limits {
    uint32 maxEstimatedPpm;
    uint32 maxMissingPpm;
    uint8 gaps;
    bytes32 terms;
}

/// @notice Who is given how much of what is fed in.
/// @param method 1 dynamic, 2 static, 3 equal, 4 static cascade, 5 hybrid, 6 scheduled, 7 pairwise, 8 priority, 9 flow, 10 incentive.
/// @param surplusOwner Who owns the surplus: 0 the producer, 1 the consumer.
/// @param schedule Of a scheduled key: 1 handed in ahead, 2 after measurement; 0 of the others.
/// @param coefficientsPpm Per slot; of a pairwise key at slot · producers + place of the producer; empty where the key has none. [ppm]
/// @param producers Slots of a pairwise key's producers, ascending.
/// @param tierMethods Method of each tier of a priority key, in order of service.
/// @param tiers Tier per slot of a priority key; slots beyond its end are in the last.
/// @param producerPpm Producer key: weight per slot, 1 beyond its end; empty where feed-in is shared in proportion. [ppm]
/// @param linkTerms Hash of a flow key's link terms; zero of the others.
struct SharingKey {
    uint8 method;
    uint8 surplusOwner;
    uint8 schedule;
    uint32[] coefficientsPpm;
    uint32[] producers;
    uint8[] tierMethods;
    uint8[] tiers;
    uint32[] producerPpm;
    bytes32 linkTerms;
}

/// @notice Prices and taxes of a rule.
/// @param residualPrice Residual supply per tariff band. [micro-euro per kWh]
/// @param sharedPrice Energy between neighbours. [micro-euro per kWh]
/// @param surplusPrice Surplus sold. [micro-euro per kWh]
/// @param networkPrice Use of the network. [micro-euro per kWh]
/// @param networkSharedPrice Use of the network for shared energy. [micro-euro per kWh]
/// @param excisePrice Excise on residual supply. [micro-euro per kWh]
/// @param exciseSharedPrice Excise on shared energy. [micro-euro per kWh]
/// @param premiumConsumption Incentive for consumption that was shared. [micro-euro per kWh]
/// @param premiumFeedIn Incentive for feed-in that was shared. [micro-euro per kWh]
/// @param pricing Price of shared energy: 0 uniform, 1 mid-market, 2 supply-demand, 3 per producer.
/// @param seller Who sells it: 0 the community, 1 each producer.
/// @param monthlyFee Fee of a participant. [cents]
/// @param vatPpm Value added tax. [ppm]
/// @param communityVatClass Class of the community as a seller: 0 private, 1 exempt, 2 liable.
/// @param billedBy What the community bills: bit 0 shared, 1 residual, 2 network, 3 surplus.
/// @param windows Bands of a day: each (first local minute u16, band u8), ascending, the first at minute 0.
/// @param producerPrice Per slot, of pricing 3; empty otherwise. [micro-euro per kWh]
struct Tariff {
    uint32[4] residualPrice;
    uint32 sharedPrice;
    uint32 surplusPrice;
    uint32 networkPrice;
    uint32 networkSharedPrice;
    uint32 excisePrice;
    uint32 exciseSharedPrice;
    uint32 premiumConsumption;
    uint32 premiumFeedIn;
    uint8 pricing;
    uint8 seller;
    uint32 monthlyFee;
    uint32 vatPpm;
    uint8 communityVatClass;
    uint8 billedBy;
    uint24[] windows;
    uint32[] producerPrice;
}

/// @notice One version of a community's rules.
/// @param effectiveFrom First date it is in force. [days since 1970-01-01]
/// @param contestWindowSeconds Time in which a run or its bills cannot be finalised. [s]
/// @param source Whose allocation binds: 0 what the key gives, 1 the grid operator's.
/// @param limits Conformity limits.
/// @param key Sharing key.
/// @param tariff Prices and taxes.
struct Rule {
    uint32 effectiveFrom;
    uint32 contestWindowSeconds;
    uint8 source;
    Limits limits;
    SharingKey key;
    Tariff tariff;
}

/// @notice What a row of one slot is held against: of the key's parameters those that its method reads.
/// @param method Method of the sharing key.
/// @param source Whose allocation binds: 0 what the key gives, 1 the grid operator's.
/// @param surplusOwner Who owns the surplus: 0 the producer, 1 the consumer.
/// @param coefficientPpm The slot's coefficient; 0 where it has none, or the key is scheduled or pairwise. [ppm]
/// @param pairsPpm Of a pairwise key: the slot's coefficient per producer. [ppm]
/// @param tier Of a priority key: the slot's tier.
/// @param tierMethods Of a priority key: the method of each tier.
/// @param producerPpm The slot's weight in the producer key, at least 1; 0 where there is no producer key. [ppm]
/// @param producerKey Whether the rule has a producer key.
/// @param producers Of a pairwise key: slots of the producers.
struct SlotTerms {
    uint8 method;
    uint8 source;
    uint8 surplusOwner;
    uint32 coefficientPpm;
    uint32[] pairsPpm;
    uint8 tier;
    uint8[] tierMethods;
    uint32 producerPpm;
    bool producerKey;
    uint32[] producers;
}
