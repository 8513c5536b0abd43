// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @dev Method of a sharing key: consumption in proportion, `DynamicKey`.
uint8 constant METHOD_DYNAMIC = 1;
/// @dev Method of a sharing key: voted coefficients, `StaticKey`.
uint8 constant METHOD_STATIC = 2;
/// @dev The producer owns the surplus.
uint8 constant SURPLUS_OWNER_PRODUCER = 0;
/// @dev Number of the conformity limit on estimated readings.
uint8 constant LIMIT_ESTIMATED = 1;
/// @dev Number of the conformity limit on missing readings.
uint8 constant LIMIT_MISSING = 2;

/// @notice Conformity limits of a batch, each a part of all its readings.
/// @param maxEstimatedPpm Most estimated readings. [ppm]
/// @param maxMissingPpm Most missing readings. [ppm]
struct Limits {
    uint32 maxEstimatedPpm;
    uint32 maxMissingPpm;
}

/// @notice Prices and taxes of a rule.
/// @param residualPrice Residual supply per tariff band. [micro-euro per kWh]
/// @param sharedPrice Energy between neighbours. [micro-euro per kWh]
/// @param surplusPrice Surplus sold. [micro-euro per kWh]
/// @param networkPrice Use of the network. [micro-euro per kWh]
/// @param monthlyFee Fee of a participant. [cents]
/// @param vatPpm Value added tax. [ppm]
/// @param communityVatClass Class of the community as a seller: 0 private, 1 exempt, 2 liable.
/// @param billedBy What the community bills: bit 0 shared, 1 residual, 2 network, 3 surplus.
/// @param windows Bands of a day: each (first local minute u16, band u8), ascending, the first at minute 0.
struct Tariff {
    uint32[4] residualPrice;
    uint32 sharedPrice;
    uint32 surplusPrice;
    uint32 networkPrice;
    uint32 monthlyFee;
    uint32 vatPpm;
    uint8 communityVatClass;
    uint8 billedBy;
    uint24[] windows;
}

/// @notice One version of a community's rules.
/// @param effectiveFrom First date it is in force. [days since 1970-01-01]
/// @param method Sharing key: 1 dynamic, 2 static.
/// @param surplusOwner Who owns the surplus: 0 the producer.
/// @param contestWindowSeconds Time in which a run or its bills cannot be finalised. [s]
/// @param limits Conformity limits.
/// @param tariff Prices and taxes.
/// @param coefficientsPpm Sharing coefficient per slot of a static key, empty otherwise. [ppm]
struct Rule {
    uint32 effectiveFrom;
    uint8 method;
    uint8 surplusOwner;
    uint32 contestWindowSeconds;
    Limits limits;
    Tariff tariff;
    uint32[] coefficientsPpm;
}
