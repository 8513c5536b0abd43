// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @dev Class of a seller who owes value added tax.
uint8 constant VAT_CLASS_LIABLE = 2;

/// @notice What a bill is computed with: of a rule what has a fixed size. Prices in micro-euro per kWh.
/// @param method Method of the sharing key.
/// @param surplusOwner Who owns the surplus: 0 the producer, 1 the consumer.
/// @param residualPrice Residual supply per tariff band.
/// @param surplusPrice Surplus sold.
/// @param networkPrice Use of the network.
/// @param networkSharedPrice Use of the network for shared energy.
/// @param excisePrice Excise on residual supply.
/// @param exciseSharedPrice Excise on shared energy.
/// @param premiumConsumption Incentive for consumption that was shared.
/// @param premiumFeedIn Incentive for feed-in that was shared.
/// @param seller Who sells shared energy: 0 the community, 1 each producer.
/// @param monthlyFee Fee of a participant. [cents]
/// @param vatPpm Value added tax. [ppm]
/// @param communityVatClass Class of the community as a seller: 0 private, 1 exempt, 2 liable.
/// @param billedBy What the community bills: bit 0 shared, 1 residual, 2 network, 3 surplus.
struct BillTerms {
    uint8 method;
    uint8 surplusOwner;
    uint32[4] residualPrice;
    uint32 surplusPrice;
    uint32 networkPrice;
    uint32 networkSharedPrice;
    uint32 excisePrice;
    uint32 exciseSharedPrice;
    uint32 premiumConsumption;
    uint32 premiumFeedIn;
    uint8 seller;
    uint32 monthlyFee;
    uint32 vatPpm;
    uint8 communityVatClass;
    uint8 billedBy;
}
