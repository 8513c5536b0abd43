// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { ICommunityRegistry } from "../interfaces/ICommunityRegistry.sol";
import { SCOPE_FLEXIBILITY } from "../types/Seats.sol";

/// @title Who lets whom see what, and when
library Consents {
    /// @notice When a consent holds, half-open. [s since 1970-01-01 UTC]
    struct Span {
        uint64 from;
        uint64 until;
    }

    /// @notice Consents of one community.
    struct Book {
        mapping(address holder => mapping(address grantee => mapping(uint8 scope => Span))) spans;
    }

    /// @notice Keep a consent, in place of the former one.
    function give(Book storage self, address holder, address grantee, uint8 scope, Span memory span)
        internal
    {
        require(scope != 0 && scope <= SCOPE_FLEXIBILITY, ICommunityRegistry.ScopeUnknown(scope));
        require(
            span.until > block.timestamp && span.until > span.from,
            ICommunityRegistry.ConsentOver(span.until, uint64(block.timestamp))
        );
        self.spans[holder][grantee][scope] = span;
    }

    /// @notice Take a consent back.
    function withdraw(Book storage self, address holder, address grantee, uint8 scope) internal {
        delete self.spans[holder][grantee][scope];
    }

    /// @notice Whether a consent has begun and lasts.
    function holds(Book storage self, address holder, address grantee, uint8 scope)
        internal
        view
        returns (bool)
    {
        Span memory span = self.spans[holder][grantee][scope];
        return span.from <= block.timestamp && block.timestamp < span.until;
    }
}
