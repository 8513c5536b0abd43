// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { BillTerms, VAT_CLASS_LIABLE } from "../types/BillTerms.sol";
import { DIRECTION_FEED_IN, ONE_PPM } from "../types/Points.sol";
import { METHOD_INCENTIVE, SELLER_PRODUCER, SURPLUS_OWNER_CONSUMER } from "../types/Rules.sol";

/// @title What a bill must say
/// @notice Lines are rounded per slot, half away from zero, then added over the participant's slots; taxes are per bill, and where
/// producers sell per seat that sold.
/// @dev Unchecked: totals have 64 bits, prices 32, slots 15, so that no line passes 96 bits and no tax 128.
library BillLines {
    uint256 private constant PICO_EURO_PER_CENT = 10 ** 10;
    uint256 private constant BANDS = 4;
    uint256 private constant BOUGHT = 4;
    uint256 private constant NETWORK = 5;
    /// @dev Line of the fee, which the bill stairs sum up.
    uint256 internal constant FEE = 6;
    uint256 private constant SOLD = 7;
    uint256 private constant SURPLUS = 8;
    uint256 private constant NETWORK_SHARED = 9;
    uint256 private constant EXCISE = 10;
    uint256 private constant EXCISE_SHARED = 11;
    uint256 private constant INCENTIVE = 12;
    uint8 private constant BILLS_SHARED = 1;
    uint8 private constant BILLS_RESIDUAL = 2;
    uint8 private constant BILLS_NETWORK = 4;
    uint8 private constant BILLS_SURPLUS = 8;

    /// @notice What was sold between a slot of the bill and one of another seat.
    /// @param seat The other seat.
    /// @param cents What the link is worth. [cents]
    /// @param liable Whether the seller is liable to value added tax.
    struct Sale {
        uint32 seat;
        uint256 cents;
        bool liable;
    }

    /// @notice A slot's period.
    /// @param direction 0 consumption, 1 feed-in.
    /// @param totals Its last running totals. [mWh, pico-euro]
    /// @param sales Links with other seats, where producers sell; else none.
    struct Slot {
        uint8 direction;
        uint64[10] totals;
        Sale[] sales;
    }

    /// @notice What a bill must hold. [cents]
    /// @param lines The thirteen lines.
    /// @param vatDebit Value added tax in the debit.
    /// @param vatCredit Value added tax in the credit.
    /// @param debit What the participant owes.
    /// @param credit What the participant is owed.
    struct Due {
        uint256[13] lines;
        uint256 vatDebit;
        uint256 vatCredit;
        uint256 debit;
        uint256 credit;
    }

    /// @notice The bill of a participant.
    /// @param terms What the rule says of bills.
    /// @param liable Whether the participant is liable to value added tax.
    /// @param slots The participant's slots.
    function billOf(BillTerms memory terms, bool liable, Slot[] memory slots)
        internal
        pure
        returns (Due memory due)
    {
        due.lines[FEE] = terms.monthlyFee;
        for (uint256 i; i < slots.length; ++i) {
            if (slots[i].direction == DIRECTION_FEED_IN) _addProducer(due.lines, terms, slots[i]);
            else _addConsumer(due.lines, terms, slots[i]);
        }
        _close(due, terms, liable, slots);
    }

    /// @notice Cents of a value, half a cent away from zero. [cents]
    /// @param value A value. [pico-euro]
    function centsHalfUp(uint256 value) internal pure returns (uint256) {
        return (value + PICO_EURO_PER_CENT / 2) / PICO_EURO_PER_CENT;
    }

    function _addConsumer(uint256[13] memory lines, BillTerms memory terms, Slot memory slot) private pure {
        uint64[10] memory x = slot.totals;
        _addBand(lines, 0, x[0], x[1], terms.residualPrice[0]);
        _addBand(lines, 1, x[2], x[3], terms.residualPrice[1]);
        _addBand(lines, 2, x[4], x[5], terms.residualPrice[2]);
        _addBand(lines, 3, x[6], x[7], terms.residualPrice[3]);
        (uint256 energy, uint256 allocated) = _sums(x);
        // A run in which more was given than used falls by other contests: here nothing is left of it.
        uint256 residual = _less(energy, allocated);
        unchecked {
            lines[BOUGHT] += _traded(terms, slot);
            if (terms.networkSharedPrice == terms.networkPrice) {
                lines[NETWORK] += _cents(energy, terms.networkPrice);
            } else {
                lines[NETWORK] += _cents(residual, terms.networkPrice);
                lines[NETWORK_SHARED] += _cents(allocated, terms.networkSharedPrice);
            }
            if (terms.surplusOwner == SURPLUS_OWNER_CONSUMER) {
                lines[SURPLUS] += _cents(x[9], terms.surplusPrice);
            }
            lines[EXCISE] += _cents(residual, terms.excisePrice);
            lines[EXCISE_SHARED] += _cents(allocated, terms.exciseSharedPrice);
            if (terms.method == METHOD_INCENTIVE) lines[INCENTIVE] += _cents(x[9], terms.premiumConsumption);
        }
    }

    function _addBand(uint256[13] memory lines, uint256 band, uint256 used, uint256 given, uint32 price)
        private
        pure
    {
        unchecked {
            if (used > given) lines[band] += _cents(used - given, price);
        }
    }

    function _addProducer(uint256[13] memory lines, BillTerms memory terms, Slot memory slot) private pure {
        uint64[10] memory x = slot.totals;
        (uint256 energy, uint256 shared) = _sums(x);
        unchecked {
            lines[SOLD] += _traded(terms, slot);
            if (terms.surplusOwner != SURPLUS_OWNER_CONSUMER) {
                lines[SURPLUS] += _cents(_less(energy, shared), terms.surplusPrice);
            }
            if (terms.method == METHOD_INCENTIVE) lines[INCENTIVE] += _cents(x[9], terms.premiumFeedIn);
        }
    }

    /// @dev Energy and what was given of it, over all bands.
    function _sums(uint64[10] memory x) private pure returns (uint256 energy, uint256 allocated) {
        unchecked {
            energy = uint256(x[0]) + x[2] + x[4] + x[6];
            allocated = uint256(x[1]) + x[3] + x[5] + x[7];
        }
    }

    /// @dev What the community sells is rounded once, what producers sell link by link.
    function _traded(BillTerms memory terms, Slot memory slot) private pure returns (uint256 cents) {
        if (terms.seller != SELLER_PRODUCER) return centsHalfUp(slot.totals[8]);
        for (uint256 i; i < slot.sales.length; ++i) {
            cents += slot.sales[i].cents;
        }
    }

    function _close(Due memory due, BillTerms memory terms, bool liable, Slot[] memory slots) private pure {
        unchecked {
            uint256[13] memory l = due.lines;
            uint256 bought = _billed(terms, BILLS_SHARED, l[BOUGHT]);
            uint256 surplus = _billed(terms, BILLS_SURPLUS, l[SURPLUS]);
            uint256 own = l[FEE] + _billed(terms, BILLS_SHARED, l[EXCISE_SHARED])
                + _billed(terms, BILLS_RESIDUAL, l[0] + l[1] + l[2] + l[3] + l[EXCISE])
                + _billed(terms, BILLS_NETWORK, l[NETWORK] + l[NETWORK_SHARED]);
            uint256 sold = _billed(terms, BILLS_SHARED, l[SOLD]);
            bool producersSell = terms.seller == SELLER_PRODUCER;

            if (terms.communityVatClass == VAT_CLASS_LIABLE) {
                due.vatDebit = _vat(producersSell ? own : own + bought, terms.vatPpm);
            }
            if (producersSell) {
                bool sharedBilled = terms.billedBy & BILLS_SHARED != 0;
                if (sharedBilled) due.vatDebit += _vatBySeat(terms.vatPpm, slots, false);
                if (liable) {
                    due.vatCredit = _vat(surplus, terms.vatPpm);
                    if (sharedBilled) due.vatCredit += _vatBySeat(terms.vatPpm, slots, true);
                }
            } else if (liable) {
                due.vatCredit = _vat(sold + surplus, terms.vatPpm);
            }
            due.debit = own + bought + due.vatDebit;
            due.credit = sold + surplus + l[INCENTIVE] + due.vatCredit;
        }
    }

    /// @dev Tax on what was bought from, or sold to, each other seat: the sum of a seat's links is taxed once.
    function _vatBySeat(uint32 vatPpm, Slot[] memory slots, bool feedIn) private pure returns (uint256 vat) {
        Sale[] memory sales = _liableSales(slots, feedIn);
        for (uint256 i; i < sales.length; ++i) {
            if (!sales[i].liable) continue;
            uint256 net = sales[i].cents;
            for (uint256 j = i + 1; j < sales.length; ++j) {
                if (!sales[j].liable || sales[j].seat != sales[i].seat) continue;
                net += sales[j].cents;
                sales[j].liable = false;
            }
            vat += _vat(net, vatPpm);
        }
    }

    /// @dev Copies, whose marks may be taken off once they are counted.
    function _liableSales(Slot[] memory slots, bool feedIn) private pure returns (Sale[] memory sales) {
        uint256 count;
        for (uint256 s; s < slots.length; ++s) {
            if ((slots[s].direction == DIRECTION_FEED_IN) == feedIn) count += slots[s].sales.length;
        }
        sales = new Sale[](count);
        count = 0;
        for (uint256 s; s < slots.length; ++s) {
            if ((slots[s].direction == DIRECTION_FEED_IN) != feedIn) continue;
            for (uint256 i; i < slots[s].sales.length; ++i) {
                Sale memory sale = slots[s].sales[i];
                sales[count++] = Sale({ seat: sale.seat, cents: sale.cents, liable: sale.liable });
            }
        }
    }

    /// @dev Nothing where there is less than is taken off.
    function _less(uint256 amount, uint256 taken) private pure returns (uint256) {
        unchecked {
            return amount > taken ? amount - taken : 0;
        }
    }

    function _billed(BillTerms memory terms, uint8 part, uint256 cents) private pure returns (uint256) {
        return terms.billedBy & part != 0 ? cents : 0;
    }

    function _cents(uint256 energy, uint32 price) private pure returns (uint256) {
        unchecked {
            return (energy * price + PICO_EURO_PER_CENT / 2) / PICO_EURO_PER_CENT;
        }
    }

    /// @dev Half a cent away from zero.
    function _vat(uint256 net, uint32 vatPpm) private pure returns (uint256) {
        unchecked {
            return (net * vatPpm + ONE_PPM / 2) / ONE_PPM;
        }
    }
}
