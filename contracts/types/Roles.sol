// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

// Roles an account may hold in a community, granted by its steward.

/// @dev Confirms metering points and signs measured batches.
uint8 constant ROLE_GRID_OPERATOR = 1;
/// @dev Reads what a provider needs: conformity, invoices, balance.
uint8 constant ROLE_PROVIDER = 2;
/// @dev Signs batches that were imported from files.
uint8 constant ROLE_IMPORTER = 3;
/// @dev Opens periods, proposes runs and bills.
uint8 constant ROLE_SETTLER = 4;
/// @dev Looks at a dispute before anything is published.
uint8 constant ROLE_ARBITER = 5;
/// @dev Holds the auditors' key.
uint8 constant ROLE_AUDITOR = 6;
