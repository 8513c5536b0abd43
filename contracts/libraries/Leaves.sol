// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Bytes of the leaves
/// @notice One struct and one encoding per kind; no encoding is 64 bytes long, so no leaf can stand for an inner node.
/// @dev Energies are in milliwatt-hours, values in pico-euro, money in cents. Ten running totals are (energy, allocated) per
/// tariff band, then value and credited.
library Leaves {
    uint8 internal constant HEADER = 0x01;
    uint8 internal constant STAIR = 0x02;
    uint8 internal constant ROW = 0x03;
    uint8 internal constant PERIOD = 0x04;
    uint8 internal constant PERIOD_STAIR = 0x05;
    uint8 internal constant BILL = 0x06;
    uint8 internal constant BILL_STAIR = 0x07;
    uint8 internal constant READING = 0x08;
    uint8 internal constant READING_STAIR = 0x09;
    uint8 internal constant CLASS = 0x0a;
    uint8 internal constant COEFFICIENT = 0x0b;
    uint8 internal constant LINKS = 0x0c;
    uint8 internal constant DETAIL = 0x0d;

    /// @notice The pool of one round of a sharing key.
    /// @param pool Energy left to share. [mWh]
    /// @param weight Weight that shares it.
    struct Round {
        uint64 pool;
        uint64 weight;
    }

    /// @notice Totals of one interval.
    /// @param feedIn Sum of feed-in, P. [mWh]
    /// @param consumption Sum of consumption, C. [mWh]
    /// @param allocated Sum of what consumers were given, A. [mWh]
    /// @param value What the shared energy is worth, V. [pico-euro]
    /// @param tau Rounds the producers' parts.
    /// @param band Tariff band.
    /// @param rounds As many as the key has.
    struct Header {
        uint64 feedIn;
        uint64 consumption;
        uint64 allocated;
        uint64 value;
        uint32 tau;
        uint8 band;
        Round[] rounds;
    }

    /// @notice Sums over the slots up to a stair, of an interval or of the period.
    /// @param salt Salt of the leaf.
    /// @param feedIn Sum of feed-in, P. [mWh]
    /// @param consumption Sum of consumption, C. [mWh]
    /// @param allocated Sum of what consumers were given, A. [mWh]
    /// @param shared Sum of what producers gave, S. [mWh]
    struct Stair {
        bytes16 salt;
        uint64 feedIn;
        uint64 consumption;
        uint64 allocated;
        uint64 shared;
    }

    /// @notice One slot in one interval.
    /// @param salt Salt of the leaf.
    /// @param energy Consumption or feed-in. [mWh]
    /// @param allocated What the key gave, or the part that was shared. [mWh]
    /// @param quality 0 measured, 1 estimated, 2 edited, 3 missing.
    /// @param totals Running totals since the period's start, this interval included. [mWh, pico-euro]
    struct Row {
        bytes16 salt;
        uint64 energy;
        uint64 allocated;
        uint8 quality;
        uint64[10] totals;
    }

    /// @notice The last running totals of a slot.
    /// @param salt Salt of the leaf.
    /// @param totals Running totals at the end of the period. [mWh, pico-euro]
    /// @param links Hash of the slot's links leaf.
    struct Period {
        bytes16 salt;
        uint64[10] totals;
        bytes32 links;
    }

    /// @notice What a slot gave or was given over the period.
    /// @param slot The other slot.
    /// @param energy What flowed between them. [mWh]
    /// @param value What it was worth. [pico-euro]
    /// @param vatClass Of the producer's seat: 0 private, 1 exempt, 2 liable.
    struct Link {
        uint32 slot;
        uint64 energy;
        uint64 value;
        uint8 vatClass;
    }

    /// @notice What a slot gave or was given in one interval, of a flow key.
    /// @param slot The other slot.
    /// @param energy What flowed between them. [mWh]
    struct Flow {
        uint32 slot;
        uint64 energy;
    }

    /// @notice The detail of a row of a flow key.
    /// @param salt Salt of the leaf.
    /// @param potential The slot's potential.
    /// @param links Ascending by the other slot, none of zero energy.
    struct Detail {
        bytes16 salt;
        int64 potential;
        Flow[] links;
    }

    /// @notice The bill of a participant.
    /// @param salt Salt of the leaf.
    /// @param lines The thirteen lines of the bill. [cents]
    /// @param vatDebit Value added tax in the debit. [cents]
    /// @param vatCredit Value added tax in the credit. [cents]
    /// @param debit What the participant owes. [cents]
    /// @param credit What the participant is owed. [cents]
    struct Bill {
        bytes16 salt;
        uint64[13] lines;
        uint64 vatDebit;
        uint64 vatCredit;
        uint64 debit;
        uint64 credit;
    }

    /// @notice Sums over the bills up to a stair.
    /// @param salt Salt of the leaf.
    /// @param debits Sum of debits. [cents]
    /// @param credits Sum of credits. [cents]
    /// @param fees Sum of fees. [cents]
    /// @param vatDebits Value added tax in the debits. [cents]
    /// @param vatCredits Value added tax in the credits. [cents]
    struct BillStair {
        bytes16 salt;
        uint64 debits;
        uint64 credits;
        uint64 fees;
        uint64 vatDebits;
        uint64 vatCredits;
    }

    /// @notice Hash of a header.
    function header(Header memory leaf) internal pure returns (bytes32) {
        bytes memory head = abi.encodePacked(
            HEADER, leaf.feedIn, leaf.consumption, leaf.allocated, leaf.value, leaf.tau, leaf.band
        );
        return keccak256(bytes.concat(head, _packRounds(leaf.rounds, 0, leaf.rounds.length)));
    }

    /// @notice Hash of a stair of an interval, `rounds` empty for keys without rounds.
    function stair(Stair memory leaf, Round[] memory rounds) internal pure returns (bytes32) {
        return keccak256(bytes.concat(_packStair(STAIR, leaf), _packRounds(rounds, 0, rounds.length)));
    }

    /// @notice Hash of a row of every key but `flow`.
    function row(Row memory leaf) internal pure returns (bytes32) {
        uint64[10] memory x = leaf.totals;
        return keccak256(
            bytes.concat(
                abi.encodePacked(ROW, leaf.salt, leaf.energy, leaf.allocated, leaf.quality),
                abi.encodePacked(x[0], x[1], x[2], x[3], x[4]),
                abi.encodePacked(x[5], x[6], x[7], x[8], x[9])
            )
        );
    }

    /// @notice Hash of a row of a `flow` key.
    /// @param leaf The row.
    /// @param detail_ Hash of its detail.
    function flowRow(Row memory leaf, bytes32 detail_) internal pure returns (bytes32) {
        return keccak256(bytes.concat(_packRow(leaf), detail_));
    }

    /// @notice Hash of a row of any key: the one encoder for contests that take rows of all keys.
    /// @param leaf The row.
    /// @param detail_ Hash of its detail, of a flow key; zero of the others.
    function anyRow(Row memory leaf, bytes32 detail_) internal pure returns (bytes32) {
        bytes memory packed = _packRow(leaf);
        return keccak256(detail_ == bytes32(0) ? packed : bytes.concat(packed, detail_));
    }

    /// @notice Hash of a period leaf.
    function period(Period memory leaf) internal pure returns (bytes32) {
        return
            keccak256(bytes.concat(abi.encodePacked(PERIOD, leaf.salt), _packTotals(leaf.totals), leaf.links));
    }

    /// @notice Hash of a stair over the period leaves.
    function periodStair(Stair memory leaf) internal pure returns (bytes32) {
        return keccak256(_packStair(PERIOD_STAIR, leaf));
    }

    /// @notice Hash of a bill.
    function bill(Bill memory leaf) internal pure returns (bytes32) {
        uint64[13] memory l = leaf.lines;
        return keccak256(
            bytes.concat(
                abi.encodePacked(BILL, leaf.salt, l[0], l[1], l[2], l[3], l[4], l[5], l[6]),
                abi.encodePacked(l[7], l[8], l[9], l[10], l[11], l[12]),
                abi.encodePacked(leaf.vatDebit, leaf.vatCredit, leaf.debit, leaf.credit)
            )
        );
    }

    /// @notice Hash of a stair over the bills.
    function billStair(BillStair memory leaf) internal pure returns (bytes32) {
        return keccak256(
            abi.encodePacked(
                BILL_STAIR, leaf.salt, leaf.debits, leaf.credits, leaf.fees, leaf.vatDebits, leaf.vatCredits
            )
        );
    }

    /// @notice Hash of a reading.
    /// @param salt Salt of the leaf.
    /// @param energy Energy scaled by the participation factor. [mWh]
    /// @param quality 0 measured, 1 estimated, 2 edited, 3 missing.
    /// @param source 0 meter, 1 operator's substitute, 2 linear interpolation, 3 similar days, 4 none, 5 profiled.
    function reading(bytes16 salt, uint64 energy, uint8 quality, uint8 source)
        internal
        pure
        returns (bytes32)
    {
        return keccak256(abi.encodePacked(READING, salt, energy, quality, source));
    }

    /// @notice Hash of a stair over the readings: counts up to and including a slot's day.
    function readingStair(bytes16 salt, uint64 measured, uint64 estimated, uint64 missing)
        internal
        pure
        returns (bytes32)
    {
        return keccak256(abi.encodePacked(READING_STAIR, salt, measured, estimated, missing));
    }

    /// @notice Hash of a class leaf.
    /// @param salt Salt of the leaf.
    /// @param vatClass 0 private, 1 exempt, 2 liable.
    /// @param networkClass 0 standard.
    function class(bytes16 salt, uint8 vatClass, uint8 networkClass) internal pure returns (bytes32) {
        return keccak256(abi.encodePacked(CLASS, salt, vatClass, networkClass));
    }

    /// @notice Hash of a coefficient of a schedule.
    /// @param salt Salt of the leaf.
    /// @param coefficientPpm Sharing coefficient of a slot in one interval. [ppm]
    function coefficient(bytes16 salt, uint32 coefficientPpm) internal pure returns (bytes32) {
        return keccak256(abi.encodePacked(COEFFICIENT, salt, coefficientPpm));
    }

    /// @notice Hash of a slot's links over the period.
    /// @param salt Salt of the leaf.
    /// @param list Ascending by the other slot, none of zero energy.
    function links(bytes16 salt, Link[] memory list) internal pure returns (bytes32) {
        bytes memory packed = abi.encodePacked(LINKS, salt);
        for (uint256 i; i < list.length; ++i) {
            Link memory link = list[i];
            packed = bytes.concat(packed, abi.encodePacked(link.slot, link.energy, link.value, link.vatClass));
        }
        return keccak256(packed);
    }

    /// @notice Hash of the detail of a row of a `flow` key.
    function detail(Detail memory leaf) internal pure returns (bytes32) {
        bytes memory packed = abi.encodePacked(DETAIL, leaf.salt, leaf.potential);
        for (uint256 i; i < leaf.links.length; ++i) {
            packed = bytes.concat(packed, abi.encodePacked(leaf.links[i].slot, leaf.links[i].energy));
        }
        return keccak256(packed);
    }

    function _packRow(Row memory leaf) private pure returns (bytes memory) {
        return bytes.concat(
            abi.encodePacked(ROW, leaf.salt, leaf.energy, leaf.allocated, leaf.quality),
            _packTotals(leaf.totals)
        );
    }

    function _packStair(uint8 kind, Stair memory leaf) private pure returns (bytes memory) {
        return abi.encodePacked(kind, leaf.salt, leaf.feedIn, leaf.consumption, leaf.allocated, leaf.shared);
    }

    function _packTotals(uint64[10] memory x) private pure returns (bytes memory) {
        return bytes.concat(
            abi.encodePacked(x[0], x[1], x[2], x[3], x[4]), abi.encodePacked(x[5], x[6], x[7], x[8], x[9])
        );
    }

    /// @dev Joins halves, so that each byte is copied once per level and not once per round.
    function _packRounds(Round[] memory rounds, uint256 from, uint256 until)
        private
        pure
        returns (bytes memory)
    {
        if (until == from) return "";
        if (until - from == 1) return abi.encodePacked(rounds[from].pool, rounds[from].weight);
        uint256 middle = (from + until) / 2;
        return bytes.concat(_packRounds(rounds, from, middle), _packRounds(rounds, middle, until));
    }
}
