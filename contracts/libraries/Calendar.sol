// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { SafeCast } from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import { IPeriodBook } from "../interfaces/IPeriodBook.sol";

/// @title Civil days, their intervals and their bands
library Calendar {
    uint256 private constant DAYS_LIMIT = 366;
    uint256 private constant ZONE_LIMIT = 14 hours;
    uint256 private constant BANDS_PER_WORD = 128;

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

    /// @notice Refuse bands that are not exactly two bits per interval; two bits cannot name a band above 3.
    /// @param bands Words of 128 bands, the first in the lowest bits.
    /// @param intervals Number of all intervals, at least one.
    function requireBands(uint256[] calldata bands, uint256 intervals) internal pure {
        uint256 words = (intervals + BANDS_PER_WORD - 1) / BANDS_PER_WORD;
        require(bands.length == words, IPeriodBook.BandsIncomplete(bands.length, words));
        uint256 used = intervals % BANDS_PER_WORD;
        uint256 last = bands[words - 1];
        require(used == 0 || last >> (2 * used) == 0, IPeriodBook.BandsBeyondPeriod(last));
    }

    /// @notice Band of an interval.
    /// @param bands Words of 128 bands.
    /// @param interval Interval of the period.
    function bandAt(uint256[] storage bands, uint256 interval) internal view returns (uint8) {
        return SafeCast.toUint8((bands[interval / BANDS_PER_WORD] >> (2 * (interval % BANDS_PER_WORD))) & 3);
    }

    /// @dev Clocks turn by an hour, or by half an hour (Lord Howe).
    function _isDayLength(uint256 lengthMinutes) private pure returns (bool) {
        return lengthMinutes >= 23 hours / 1 minutes && lengthMinutes <= 25 hours / 1 minutes
            && lengthMinutes % 30 == 0;
    }
}
