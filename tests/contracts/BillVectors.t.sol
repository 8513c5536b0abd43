// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { BillLines } from "../../contracts/libraries/BillLines.sol";
import { BillTerms } from "../../contracts/types/BillTerms.sol";
import { Vectors } from "./support/Vectors.sol";
import { vm } from "./support/Vm.sol";

/// @dev Every bill of the vectors, line by line: both sellers, every pricing, every class.
contract BillVectorsTest is Vectors {
    function test_every_bill_of_the_vectors_is_what_the_tariff_gives() public view {
        string memory json = load("bills");
        uint256 bills = count(json, ".bills");
        for (uint256 i; i < bills; ++i) {
            string memory entry = entryOf(".bills", i);
            bool liable = number(json, string.concat(entry, ".participant_vat_class")) == 2;
            BillLines.Due memory due = BillLines.billOf(termsOf(json, entry), liable, slotsOf(json, entry));
            uint256[] memory lines = wide(json, string.concat(entry, ".lines"), 13);
            for (uint256 line; line < 13; ++line) {
                same("line", due.lines[line], lines[line]);
            }
            same("tax in the debit", due.vatDebit, figure(json, string.concat(entry, ".vat_debit")));
            same("tax in the credit", due.vatCredit, figure(json, string.concat(entry, ".vat_credit")));
            same("debit", due.debit, figure(json, string.concat(entry, ".debit")));
            same("credit", due.credit, figure(json, string.concat(entry, ".credit")));
        }
    }

    function test_cents_are_rounded_half_away_from_zero_as_in_the_vectors() public view {
        string memory json = load("bills");
        for (uint256 i; i < sizeOf(json, ".cents"); ++i) {
            string memory entry = entryOf(".cents", i);
            uint256 energy = figure(json, string.concat(entry, ".energy"));
            uint256 asked = number(json, string.concat(entry, ".price"));
            same("cents", BillLines.centsHalfUp(energy * asked), figure(json, string.concat(entry, ".cents")));
        }
    }

    function termsOf(string memory json, string memory entry) private pure returns (BillTerms memory terms) {
        terms.method = uint8(number(json, string.concat(entry, ".method")));
        terms.surplusOwner = uint8(number(json, string.concat(entry, ".surplus_owner")));
        string memory tariff = string.concat(entry, ".tariff.");
        uint256[] memory residual = numbers(json, string.concat(tariff, "residualPrice"));
        for (uint256 band; band < 4; ++band) {
            terms.residualPrice[band] = uint32(residual[band]);
        }
        terms.surplusPrice = price(json, tariff, "surplusPrice");
        terms.networkPrice = price(json, tariff, "networkPrice");
        terms.networkSharedPrice = price(json, tariff, "networkSharedPrice");
        terms.excisePrice = price(json, tariff, "excisePrice");
        terms.exciseSharedPrice = price(json, tariff, "exciseSharedPrice");
        terms.premiumConsumption = price(json, tariff, "premiumConsumption");
        terms.premiumFeedIn = price(json, tariff, "premiumFeedIn");
        terms.seller = uint8(price(json, tariff, "seller"));
        terms.monthlyFee = price(json, tariff, "monthlyFee");
        terms.vatPpm = price(json, tariff, "vatPpm");
        terms.communityVatClass = uint8(price(json, tariff, "communityVatClass"));
        terms.billedBy = uint8(price(json, tariff, "billedBy"));
    }

    function slotsOf(string memory json, string memory entry)
        private
        view
        returns (BillLines.Slot[] memory slots)
    {
        string memory points = string.concat(entry, ".points");
        uint256 seat = number(json, string.concat(entry, ".seat"));
        slots = new BillLines.Slot[](sizeOf(json, points));
        for (uint256 i; i < slots.length; ++i) {
            string memory direction = vm.parseJsonString(json, entryOf(points, i, "direction"));
            slots[i].direction = keccak256(bytes(direction)) == keccak256("feed_in") ? 1 : 0;
            for (uint256 band; band < 4; ++band) {
                uint256[] memory pair = wide(json, entryOf(entryOf(points, i, "bands"), band), 2);
                slots[i].totals[2 * band] = uint64(pair[0]);
                slots[i].totals[2 * band + 1] = uint64(pair[1]);
            }
            slots[i].totals[8] = uint64(figure(json, entryOf(points, i, "value")));
            slots[i].totals[9] = uint64(figure(json, entryOf(points, i, "credited")));
            slots[i].sales = salesOf(json, entryOf(points, i, "links"), seat);
        }
    }

    function salesOf(string memory json, string memory links, uint256 seat)
        private
        view
        returns (BillLines.Sale[] memory sales)
    {
        sales = new BillLines.Sale[](sizeOf(json, links));
        for (uint256 i; i < sales.length; ++i) {
            string memory link = entryOf(links, i);
            uint256 other = number(json, string.concat(link, "[0]"));
            if (other == seat) continue;
            uint256 value = figure(json, string.concat(link, "[1]"));
            bool liable = number(json, string.concat(link, "[2]")) == 2;
            sales[i] = BillLines.Sale(uint32(other), BillLines.centsHalfUp(value), liable);
        }
    }

    function wide(string memory json, string memory list, uint256 length)
        private
        pure
        returns (uint256[] memory values)
    {
        values = new uint256[](length);
        for (uint256 i; i < length; ++i) {
            values[i] = figure(json, entryOf(list, i));
        }
    }

    /// @dev Decimal strings, since they may pass 2^53.
    function figure(string memory json, string memory key) private pure returns (uint256) {
        return vm.parseJsonUint(json, key);
    }

    function price(string memory json, string memory tariff, string memory name)
        private
        pure
        returns (uint32)
    {
        return uint32(number(json, string.concat(tariff, name)));
    }
}
