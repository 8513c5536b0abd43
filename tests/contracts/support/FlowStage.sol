// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { FlowCosts } from "../../../contracts/libraries/FlowCosts.sol";
import { Leaves } from "../../../contracts/libraries/Leaves.sol";
import { Shape } from "../../../contracts/types/Periods.sol";
import { RunClaim } from "../../../contracts/types/Runs.sol";
import { Grove } from "./Grove.sol";

/// @dev One interval of a flow among two consumers (slots 0, 1) and two producers (2, 3), optimal as solved off chain, in a run of one
/// day of two intervals; and the ledgers and books that a contest asks, all in one.
contract FlowStage {
    using Grove for bytes32[];

    bytes32 public constant RUN = keccak256("run");
    bytes32 public constant STAIRS = keccak256("stairs");
    bytes32 public constant PERIODS = keccak256("periods");
    bytes32 public constant OTHER_HEADER = keccak256("header");
    uint64 public constant UNBOUND = type(uint64).max;
    uint16 public constant T = 1;
    uint256 private constant SLOTS = 4;

    uint8 public method = 9;
    uint8 public source = 0;
    uint8 public state = 1;
    bool public gone;
    address public voidedBy;
    bytes32 public root;
    bytes32 public basis;
    bytes32 public costsRoot;
    FlowCosts.Scale public scale = FlowCosts.Scale("scale", 44500, 2225, 1, 4);
    uint64[4] public energy = [600, 500, 400, 300];
    uint64[4] public allocated = [382, 318, 400, 300];
    int64[4] public potential = [int64(37825), 38345, 37790, 58965];
    int64[4] public inHeader = [int64(0), 0, 37790, 58965];
    uint64[4] public weightInHeader = [uint64(0), 0, 400, 300];
    /// @dev By producer, then consumer.
    uint64[2][2] public carried = [[uint64(82), 318], [uint64(300), 0]];
    int64[2][2] public weight = [[int64(35), 555], [int64(-21140), 11680]];
    uint64[2][2] public cap = [[uint64(250), UNBOUND], [UNBOUND, UNBOUND]];

    bytes32[] private _rows;
    bytes32[] private _costs;

    function setMethod(uint8 method_, uint8 source_) external {
        (method, source) = (method_, source_);
    }

    function setState(uint8 state_) external {
        state = state_;
    }

    /// @dev Slot 1 leaves before the day.
    function depart() external {
        gone = true;
    }

    function setEnd(uint256 slot, uint64 energy_, uint64 allocated_, int64 potential_) external {
        (energy[slot], allocated[slot], potential[slot]) = (energy_, allocated_, potential_);
    }

    function setHeader(uint256 slot, int64 potential_, uint64 weight_) external {
        (inHeader[slot], weightInHeader[slot]) = (potential_, weight_);
    }

    function setLink(uint256 p, uint256 i, uint64 carried_, int64 weight_, uint64 cap_) external {
        (carried[p][i], weight[p][i], cap[p][i]) = (carried_, weight_, cap_);
    }

    function setScale(FlowCosts.Scale calldata scale_) external {
        scale = scale_;
    }

    /// @dev Anchors what was set.
    function anchor() external {
        bytes32[] memory rows = Grove.plant(3);
        for (uint32 slot; slot < SLOTS; ++slot) {
            rows.set(2 * slot + T, Leaves.flowRow(row(slot), Leaves.detail(detail(slot))));
        }
        bytes32 front = Grove.node(Grove.node(OTHER_HEADER, Leaves.header(header())), STAIRS);
        root = Grove.node(Grove.node(front, rows.grow()), PERIODS);
        bytes32[] memory costs = Grove.plant(4);
        for (uint256 p; p < 2; ++p) {
            for (uint256 i; i < 2; ++i) {
                costs.set((p + 2) * SLOTS + i, FlowCosts.cost(cost(p, i)));
            }
        }
        costsRoot = costs.grow();
        basis = Grove.node(FlowCosts.scale(scale), costsRoot);
        (_rows, _costs) = (rows, costs);
    }

    function row(uint32 slot) public view returns (Leaves.Row memory leaf) {
        (leaf.salt, leaf.energy, leaf.allocated) = ("row", energy[slot], allocated[slot]);
    }

    function detail(uint32 slot) public view returns (Leaves.Detail memory leaf) {
        (leaf.salt, leaf.potential) = ("detail", potential[slot]);
        uint32 first = slot < 2 ? 2 : 0;
        Leaves.Flow[] memory both = new Leaves.Flow[](2);
        for (uint32 other; other < 2; ++other) {
            uint64 flow = slot < 2 ? carried[other][slot] : carried[slot - 2][other];
            both[other] = Leaves.Flow(first + other, flow);
        }
        leaf.links = both;
    }

    function header() public view returns (Leaves.Header memory leaf) {
        leaf.feedIn = energy[2] + energy[3];
        leaf.consumption = energy[0] + energy[1];
        leaf.allocated = allocated[0] + allocated[1];
        leaf.rounds = new Leaves.Round[](2);
        for (uint256 p; p < 2; ++p) {
            leaf.rounds[p] =
                Leaves.Round(uint64(uint256((1 << 52) + int256(inHeader[p + 2]))), weightInHeader[p + 2]);
        }
    }

    function cost(uint256 p, uint256 i) public view returns (FlowCosts.Cost memory) {
        return FlowCosts.Cost("cost", weight[p][i], cap[p][i]);
    }

    /// @dev Siblings of a row up to the root of the run.
    function pathOf(uint32 slot) external view returns (bytes32[] memory path) {
        bytes32[] memory own = _rows.path(2 * slot + T);
        path = new bytes32[](own.length + 2);
        for (uint256 i; i < own.length; ++i) {
            path[i] = own[i];
        }
        path[own.length] = Grove.node(Grove.node(OTHER_HEADER, Leaves.header(header())), STAIRS);
        path[own.length + 1] = PERIODS;
    }

    /// @dev Siblings of a cost up to the basis.
    function costPathOf(uint256 p, uint256 i) external view returns (bytes32[] memory path) {
        bytes32[] memory own = _costs.path((p + 2) * SLOTS + i);
        path = new bytes32[](own.length + 1);
        for (uint256 level; level < own.length; ++level) {
            path[level] = own[level];
        }
        path[own.length] = FlowCosts.scale(scale);
    }

    function fullScale() external view returns (FlowCosts.Scale memory) {
        return scale;
    }

    // What a contest asks.

    function claimOf(bytes32) external view returns (RunClaim memory claim) {
        (claim.root, claim.state) = (root, state);
    }

    function basisOf(bytes32) external view returns (bytes32) {
        return basis;
    }

    function voidRun(bytes32, address by) external {
        voidedBy = by;
    }

    function shapeOf(bytes32, uint32) external pure returns (Shape memory) {
        return Shape({ slots: uint32(SLOTS), dayCount: 1, maxIntervals: 2 });
    }

    function scheduleOf(bytes32, uint32) external view returns (uint8, uint8, uint8) {
        return (method, source, 0);
    }

    function producersBelow(bytes32, uint32, uint32 slot) external pure returns (uint256) {
        return slot < 2 ? 0 : slot - 2;
    }

    function activityOf(bytes32, uint32, uint32 slot, uint16) external view returns (uint8, bool) {
        return (slot < 2 ? 0 : 1, slot < SLOTS && !(gone && slot == 1));
    }
}
