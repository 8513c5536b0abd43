// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { SafeCast } from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import { BitMaps } from "@openzeppelin/contracts/utils/structs/BitMaps.sol";
import { ICommunityRegistry } from "./interfaces/ICommunityRegistry.sol";
import { IPeriodBook } from "./interfaces/IPeriodBook.sol";
import { IRuleBook } from "./interfaces/IRuleBook.sol";
import { Calendar } from "./libraries/Calendar.sol";
import { Roster } from "./libraries/Roster.sol";
import { HORIZON_DAYS, Opening, SeatTerms, Shape, Terms } from "./types/Periods.sol";
import { Point } from "./types/Points.sol";
import { ROLE_SETTLER } from "./types/Roles.sol";

/// @title PeriodBook
/// @notice See {IPeriodBook}.
contract PeriodBook is IPeriodBook {
    using BitMaps for BitMaps.BitMap;

    /// @dev A period as kept.
    struct Book {
        Terms terms;
        /// @dev See {Calendar.pack}.
        mapping(uint256 index => uint256) dayLengths;
        mapping(uint256 index => uint256) bands;
        /// @dev Eight slots to a word, the first in the lowest bits; see {Roster.linkSeats}.
        mapping(uint256 index => uint256) seats;
        /// @dev See {Roster.feedInOf}.
        mapping(uint256 index => uint256) feedIn;
    }

    /// @notice Who is settler, and which points are confirmed.
    ICommunityRegistry public immutable registry;
    /// @notice Which rule is in force.
    IRuleBook public immutable ruleBook;

    mapping(bytes32 community => mapping(uint32 period => Book)) private _books;
    mapping(bytes32 community => BitMaps.BitMap) private _datesTaken;
    mapping(bytes32 community => uint32) private _openUntil;

    constructor(ICommunityRegistry registry_, IRuleBook ruleBook_) {
        registry = registry_;
        ruleBook = ruleBook_;
    }

    /// @inheritdoc IPeriodBook
    function openPeriod(bytes32 community, uint32 period, Opening calldata opening) external {
        require(
            registry.hasRole(community, ROLE_SETTLER, msg.sender),
            ICommunityRegistry.RoleMissing(community, ROLE_SETTLER, msg.sender)
        );
        Book storage book = _books[community][period];
        require(book.terms.openedAt == 0, PeriodOpenAlready(community, period));
        uint256 latest = block.timestamp / 1 days + HORIZON_DAYS;
        require(period <= latest, PeriodTooFarAhead(community, period, latest));
        _requireRuleInForce(community, period, opening.ruleVersion);
        Calendar.requireStart(opening.startUtc, period);
        (uint256[] memory firsts, uint16 longest) =
            Calendar.requireDays(opening.intervals, opening.resolutionMinutes);
        uint256 dayCount = opening.intervals.length;
        Calendar.requireBands(opening.bands, firsts[dayCount]);
        (uint64 readings, Point[] memory points) = _requirePoints(community, period, opening, firsts);
        uint256[] memory seats = Roster.linkSeats(opening.seats, opening.slots, points);

        _takeDates(community, period, dayCount);
        book.terms = Terms({
            ruleVersion: opening.ruleVersion,
            slots: opening.slots,
            dayCount: SafeCast.toUint16(dayCount),
            maxIntervals: longest,
            resolutionMinutes: opening.resolutionMinutes,
            startUtc: opening.startUtc,
            expectedReadings: readings,
            openedAt: uint64(block.timestamp),
            classesRoot: opening.classesRoot
        });
        _keep(book.dayLengths, Calendar.pack(opening.intervals, opening.resolutionMinutes));
        _keep(book.bands, opening.bands);
        _keep(book.seats, seats);
        _keep(book.feedIn, Roster.feedInOf(points));
        emit PeriodOpened(community, period, opening.ruleVersion, readings);
    }

    /// @inheritdoc IPeriodBook
    function terms(bytes32 community, uint32 period) external view returns (Terms memory) {
        return _books[community][period].terms;
    }

    /// @inheritdoc IPeriodBook
    function isOpen(bytes32 community, uint32 period) external view returns (bool) {
        return _books[community][period].terms.openedAt != 0;
    }

    /// @inheritdoc IPeriodBook
    function openUntil(bytes32 community) external view returns (uint32) {
        return _openUntil[community];
    }

    /// @inheritdoc IPeriodBook
    function intervalsOf(bytes32 community, uint32 period, uint16 day) external view returns (uint16) {
        return _intervalsOf(_existing(community, period), day);
    }

    /// @inheritdoc IPeriodBook
    function shapeOf(bytes32 community, uint32 period) external view returns (Shape memory) {
        Terms storage kept = _books[community][period].terms;
        return Shape({ slots: kept.slots, dayCount: kept.dayCount, maxIntervals: kept.maxIntervals });
    }

    /// @inheritdoc IPeriodBook
    function bandOf(bytes32 community, uint32 period, uint32 interval) external view returns (uint8) {
        Book storage book = _existing(community, period);
        uint256 count = _intervalCount(book);
        require(interval < count, IntervalOutsidePeriod(interval, count));
        return Calendar.bandAt(book.bands, interval);
    }

    /// @inheritdoc IPeriodBook
    function bandAt(bytes32 community, uint32 period, uint16 day, uint16 t) external view returns (uint8) {
        Book storage book = _existing(community, period);
        uint16 intervals = _intervalsOf(book, day);
        require(t < intervals, IntervalOutsidePeriod(t, intervals));
        uint256 first = Calendar.firstOf(book.dayLengths, day, book.terms.resolutionMinutes);
        return Calendar.bandAt(book.bands, first + t);
    }

    /// @inheritdoc IPeriodBook
    function seatOf(bytes32 community, uint32 period, uint32 slot) external view returns (uint32) {
        return Roster.linkIn(_linksAt(_existing(community, period), slot), slot).seat;
    }

    /// @inheritdoc IPeriodBook
    function nextOfSeat(bytes32 community, uint32 period, uint32 slot) external view returns (uint32) {
        return Roster.linkIn(_linksAt(_existing(community, period), slot), slot).next;
    }

    /// @inheritdoc IPeriodBook
    function linksAt(bytes32 community, uint32 period, uint32 slot) external view returns (uint256) {
        return _linksAt(_existing(community, period), slot);
    }

    /// @inheritdoc IPeriodBook
    function seatTermsOf(bytes32 community, uint32 period, uint32 seat)
        external
        view
        returns (SeatTerms memory)
    {
        Book storage book = _existing(community, period);
        return SeatTerms({
            slots: book.terms.slots,
            classesRoot: book.terms.classesRoot,
            links: book.seats[seat / Roster.LINKS_PER_WORD]
        });
    }

    /// @inheritdoc IPeriodBook
    function allIntervals(bytes32 community, uint32 period)
        external
        view
        returns (uint16[] memory intervals)
    {
        Book storage book = _existing(community, period);
        intervals = new uint16[](book.terms.dayCount);
        for (uint256 day; day < intervals.length; ++day) {
            intervals[day] = Calendar.intervalsOf(book.dayLengths, day, book.terms.resolutionMinutes);
        }
    }

    /// @inheritdoc IPeriodBook
    function allBands(bytes32 community, uint32 period) external view returns (uint256[] memory bands) {
        Book storage book = _existing(community, period);
        bands = new uint256[](Calendar.bandWords(_intervalCount(book)));
        for (uint256 i; i < bands.length; ++i) {
            bands[i] = book.bands[i];
        }
    }

    /// @inheritdoc IPeriodBook
    function allSeats(bytes32 community, uint32 period) external view returns (uint32[] memory seats) {
        Book storage book = _existing(community, period);
        seats = new uint32[](book.terms.slots);
        for (uint256 slot; slot < seats.length; ++slot) {
            seats[slot] = Roster.linkIn(book.seats[slot / Roster.LINKS_PER_WORD], slot).seat;
        }
    }

    /// @inheritdoc IPeriodBook
    function allProducers(bytes32 community, uint32 period) external view returns (uint32[] memory) {
        Book storage book = _existing(community, period);
        return Roster.producersIn(_feedInBelow(book, book.terms.slots));
    }

    /// @inheritdoc IPeriodBook
    function producersBelow(bytes32 community, uint32 period, uint32 slot) external view returns (uint256) {
        Book storage book = _existing(community, period);
        uint32 slots = book.terms.slots;
        require(slot < slots, SlotOutsidePeriod(slot, slots));
        return Roster.countBelow(_feedInBelow(book, slot), slot);
    }

    function _keep(mapping(uint256 index => uint256) storage kept, uint256[] memory words) private {
        for (uint256 i; i < words.length; ++i) {
            if (words[i] != 0) kept[i] = words[i];
        }
    }

    function _intervalCount(Book storage book) private view returns (uint256) {
        return Calendar.firstOf(book.dayLengths, book.terms.dayCount, book.terms.resolutionMinutes);
    }

    function _takeDates(bytes32 community, uint32 period, uint256 dayCount) private {
        BitMaps.BitMap storage taken = _datesTaken[community];
        uint256 until = uint256(period) + dayCount;
        for (uint256 date = period; date < until; ++date) {
            require(!taken.get(date), PeriodOverlaps(community, period, date));
            taken.set(date);
        }
        if (until > _openUntil[community]) _openUntil[community] = SafeCast.toUint32(until);
    }

    function _requireRuleInForce(bytes32 community, uint32 period, uint32 given) private view {
        uint32 inForce = ruleBook.ruleAt(community, period);
        require(inForce != 0, NoRuleInForce(community, period));
        require(given == inForce, RuleNotInForce(given, inForce));
    }

    function _requirePoints(
        bytes32 community,
        uint32 period,
        Opening calldata opening,
        uint256[] memory firsts
    ) private view returns (uint64 readings, Point[] memory points) {
        points = registry.allPoints(community, period);
        require(points.length > 0, NoPointConfirmed(community, period));
        readings = SafeCast.toUint64(Roster.requireWithin(points, opening.slots, firsts));
        bytes32 confirmed = Roster.hashOf(points);
        require(opening.pointsHash == confirmed, PointsDiffer(opening.pointsHash, confirmed));
    }

    function _intervalsOf(Book storage book, uint16 day) private view returns (uint16) {
        uint16 dayCount = book.terms.dayCount;
        require(day < dayCount, DayOutsidePeriod(day, dayCount));
        return Calendar.intervalsOf(book.dayLengths, day, book.terms.resolutionMinutes);
    }

    function _feedInBelow(Book storage book, uint256 slots) private view returns (uint256[] memory words) {
        words = new uint256[]((slots + Roster.SLOTS_PER_WORD - 1) / Roster.SLOTS_PER_WORD);
        for (uint256 i; i < words.length; ++i) {
            words[i] = book.feedIn[i];
        }
    }

    function _linksAt(Book storage book, uint32 slot) private view returns (uint256) {
        uint32 slots = book.terms.slots;
        require(slot < slots, SlotOutsidePeriod(slot, slots));
        return book.seats[slot / Roster.LINKS_PER_WORD];
    }

    function _existing(bytes32 community, uint32 period) private view returns (Book storage book) {
        book = _books[community][period];
        // A period has a day; and its days stand in the word that contests read anyway.
        require(book.terms.dayCount != 0, PeriodNotOpen(community, period));
    }
}
