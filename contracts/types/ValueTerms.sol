// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice What shared energy is worth by. Prices in micro-euro per kWh.
/// @param residualPrice Residual supply per tariff band.
/// @param sharedPrice Energy between neighbours.
/// @param surplusPrice Surplus sold.
/// @param pricing Price of shared energy: 0 uniform, 1 mid-market, 2 supply-demand, 3 per producer.
/// @param seller Who sells it: 0 the community, 1 each producer.
struct ValueTerms {
    uint32[4] residualPrice;
    uint32 sharedPrice;
    uint32 surplusPrice;
    uint8 pricing;
    uint8 seller;
}
