// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { SafeCast } from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import { IPeriodBook } from "../interfaces/IPeriodBook.sol";

/// @title Civil days, their intervals and their bands
library Calendar {
    uint256 private constant DAYS_LIMIT = 366;
    uint256 private constant ZONE_LIMIT = 14 hours;
    uint256 private constant BANDS_PER_WORD = 128;
    uint256 private constant DAYS_PER_WORD = 85;
    uint256 private constant CODE_BITS = 3;
    uint256 private constant CODE_MASK = 7;
    uint256 private constant CODES = 5;
    uint256 private constant USUAL_HALVES = 48;
    uint256 private constant HALF_HOUR = 30;

    /// @notice Refuse a start that is midnight of the first day in no time zone.
    /// @param startUtc Start of the first civil day. [s since 1970-01-01 UTC]
    /// @param period The first civil day. [days since 1970-01-01]
    function requireStart(uint64 startUtc, uint32 period) internal pure {
        uint256 midnight = uint256(period) * 1 days;
        require(
            uint256(startUtc) + ZONE_LIMIT >= midnight && startUtc <= midnight + ZONE_LIMIT,
            IPeriodBook.StartFarFromPeriod(startUtc, period)
        );
    }

    /// @notice First interval of each day, and after the last day the number of all intervals.
    /// @param intervals Intervals of each day.
    /// @param resolutionMinutes Length of an interval. [min]
    /// @return firsts One entry per day, and one more.
    /// @return longest Intervals of the longest day.
    function requireDays(uint16[] calldata intervals, uint16 resolutionMinutes)
        internal
        pure
        returns (uint256[] memory firsts, uint16 longest)
    {
        require(
            resolutionMinutes != 0 && 60 % resolutionMinutes == 0,
            IPeriodBook.ResolutionImpossible(resolutionMinutes)
        );
        uint256 dayCount = intervals.length;
        require(dayCount != 0 && dayCount <= DAYS_LIMIT, IPeriodBook.DayCountOutOfRange(dayCount));
        firsts = new uint256[](dayCount + 1);
        for (uint256 day; day < dayCount; ++day) {
            uint16 count = intervals[day];
            require(
                _isDayLength(uint256(count) * resolutionMinutes),
                IPeriodBook.DayLengthImpossible(day, count, resolutionMinutes)
            );
            firsts[day + 1] = firsts[day] + count;
            if (count > longest) longest = count;
        }
    }

    /// @notice Length of each day as three bits, 85 days to a word, the first in the lowest bits; zero for 24 hours, so that nearly all
    /// words of a year are zero.
    /// @param intervals Intervals of each day, of lengths that {requireDays} takes.
    /// @param resolutionMinutes Length of an interval. [min]
    function pack(uint16[] calldata intervals, uint16 resolutionMinutes)
        internal
        pure
        returns (uint256[] memory words)
    {
        words = new uint256[]((intervals.length + DAYS_PER_WORD - 1) / DAYS_PER_WORD);
        for (uint256 day; day < intervals.length; ++day) {
            uint256 halves = uint256(intervals[day]) * resolutionMinutes / HALF_HOUR;
            // 23 hours are 3, 23.5 are 4, 24 are 0, 24.5 are 1, 25 are 2.
            uint256 code = (halves + CODES - USUAL_HALVES) % CODES;
            words[day / DAYS_PER_WORD] |= code << (CODE_BITS * (day % DAYS_PER_WORD));
        }
    }

    /// @notice Intervals of a day.
    /// @param words Lengths of the days, packed.
    /// @param day Day of the period.
    /// @param resolutionMinutes Length of an interval. [min]
    function intervalsOf(
        mapping(uint256 index => uint256) storage words,
        uint256 day,
        uint16 resolutionMinutes
    ) internal view returns (uint16) {
        uint256 code =
            words[day / DAYS_PER_WORD] >> (CODE_BITS * (day % DAYS_PER_WORD)) & CODE_MASK;
        return SafeCast.toUint16((USUAL_HALVES + _longer(code) - CODES) * HALF_HOUR / resolutionMinutes);
    }

    /// @notice First interval of a day: the intervals of all days before it.
    /// @param words Lengths of the days, packed.
    /// @param day Day of the period, or the one after the last.
    /// @param resolutionMinutes Length of an interval. [min]
    function firstOf(mapping(uint256 index => uint256) storage words, uint256 day, uint16 resolutionMinutes)
        internal
        view
        returns (uint256)
    {
        uint256 halves = USUAL_HALVES * day;
        for (uint256 from; from < day; from += DAYS_PER_WORD) {
            uint256 word = words[from / DAYS_PER_WORD];
            // Days after it in its word do not count.
            if (day - from < DAYS_PER_WORD) word &= (1 << (CODE_BITS * (day - from))) - 1;
            for (; word != 0; word >>= CODE_BITS) {
                halves = halves + _longer(word & CODE_MASK) - CODES;
            }
        }
        return halves * HALF_HOUR / resolutionMinutes;
    }

    /// @notice Refuse bands that are not exactly two bits per interval; two bits cannot name a band above 3.
    /// @param bands Words of 128 bands, the first in the lowest bits.
    /// @param intervals Number of all intervals, at least one.
    function requireBands(uint256[] calldata bands, uint256 intervals) internal pure {
        uint256 words = bandWords(intervals);
        require(bands.length == words, IPeriodBook.BandsIncomplete(bands.length, words));
        uint256 used = intervals % BANDS_PER_WORD;
        uint256 last = bands[words - 1];
        require(used == 0 || last >> (2 * used) == 0, IPeriodBook.BandsBeyondPeriod(last));
    }

    /// @notice Words that hold the bands of so many intervals.
    function bandWords(uint256 intervals) internal pure returns (uint256) {
        return (intervals + BANDS_PER_WORD - 1) / BANDS_PER_WORD;
    }

    /// @notice Band of an interval.
    /// @param bands Words of 128 bands.
    /// @param interval Interval of the period.
    function bandAt(mapping(uint256 index => uint256) storage bands, uint256 interval)
        internal
        view
        returns (uint8)
    {
        return SafeCast.toUint8((bands[interval / BANDS_PER_WORD] >> (2 * (interval % BANDS_PER_WORD))) & 3);
    }

    /// @dev By how many half hours a day is longer than usual, and CODES more, so that no number is negative.
    function _longer(uint256 code) private pure returns (uint256) {
        return 2 * code < CODES ? CODES + code : code;
    }

    /// @dev Clocks turn by an hour, or by half an hour (Lord Howe).
    function _isDayLength(uint256 lengthMinutes) private pure returns (bool) {
        return lengthMinutes >= 23 hours / 1 minutes && lengthMinutes <= 25 hours / 1 minutes
            && lengthMinutes % 30 == 0;
    }
}
