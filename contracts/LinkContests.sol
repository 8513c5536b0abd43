// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { SafeCast } from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import { ICommunityRegistry } from "./interfaces/ICommunityRegistry.sol";
import { IContests } from "./interfaces/IContests.sol";
import { FlowRow, ILinkContests, LinkContest, StepContest } from "./interfaces/ILinkContests.sol";
import { IPeriodBook } from "./interfaces/IPeriodBook.sol";
import { IRuleBook } from "./interfaces/IRuleBook.sol";
import { ISettlementLedger } from "./interfaces/ISettlementLedger.sol";
import { Evidence } from "./libraries/Evidence.sol";
import { FlowCosts } from "./libraries/FlowCosts.sol";
import { Leaves } from "./libraries/Leaves.sol";
import { Places } from "./libraries/Places.sol";
import { SharingKeys } from "./libraries/SharingKeys.sol";
import { Tree } from "./libraries/Tree.sol";
import { DIRECTION_CONSUMPTION, DIRECTION_FEED_IN } from "./types/Points.sol";
import { METHOD_FLOW, SOURCE_COMPUTED } from "./types/Rules.sol";
import { RunClaim } from "./types/Runs.sol";

/// @title LinkContests
/// @notice See {ILinkContests}.
contract LinkContests is ILinkContests {
    using SafeCast for uint256;

    uint8 private constant CAP = 0;
    uint8 private constant DEARER = 1;
    uint8 private constant CHEAPER = 2;
    uint8 private constant BELOW = 0;
    uint8 private constant ABOVE = 1;
    uint8 private constant OTHER_POTENTIAL = 2;
    uint8 private constant OTHER_SHARED = 3;

    /// @notice Directions and active days.
    ICommunityRegistry public immutable registry;
    /// @notice Sharing keys.
    IRuleBook public immutable ruleBook;
    /// @notice Shapes of the trees.
    IPeriodBook public immutable periodBook;
    /// @notice Roots and bases of the runs.
    ISettlementLedger public immutable settlementLedger;

    constructor(
        ICommunityRegistry registry_,
        IRuleBook ruleBook_,
        IPeriodBook periodBook_,
        ISettlementLedger settlementLedger_
    ) {
        registry = registry_;
        ruleBook = ruleBook_;
        periodBook = periodBook_;
        settlementLedger = settlementLedger_;
    }

    /// @inheritdoc ILinkContests
    function contestLink(LinkContest calldata proof) external {
        FlowRow calldata row = proof.consumer;
        Evidence.Ground memory ground = _requireRow(row);
        _requireSide(ground.run, row.slot, row.day, DIRECTION_CONSUMPTION);
        _requireSide(ground.run, proof.producer, row.day, DIRECTION_FEED_IN);
        _requireCost(proof, ground.depths.slot);

        uint256 carried = _carried(row.detail.links, proof.producer);
        uint256 cap = proof.cost.cap;
        if (carried > cap) return _refuteLink(proof, CAP, carried.toInt256(), cap.toInt256());
        bool asked = row.header.feedIn > 0 && row.header.consumption > 0 && row.row.energy > 0;
        require(asked, LinkHolds(row.runId, proof.producer, row.slot));

        Leaves.Round memory round = _roundOf(ground, row, proof.producer);
        int256 due = int256(uint256(round.pool)) - FlowCosts.POTENTIAL_BOUND + proof.cost.weight;
        int256 held = row.detail.potential;
        if (carried > 0 && held < due) return _refuteLink(proof, DEARER, held, due);
        bool open = carried < cap && held > due && (round.weight > 0 || _fedIn(proof, ground));
        require(open, LinkHolds(row.runId, proof.producer, row.slot));
        _refuteLink(proof, CHEAPER, held, due);
    }

    /// @inheritdoc ILinkContests
    function contestStep(StepContest calldata proof) external {
        FlowRow calldata row = proof.end;
        Evidence.Ground memory ground = _requireRow(row);
        _requireBasis(row.runId, Tree.node(FlowCosts.scale(proof.scale), proof.costsRoot));
        RunClaim memory run = ground.run;
        (uint8 direction, bool active) = registry.activityOf(run.community, run.period, row.slot, row.day);
        require(active, IContests.SlotNotActive(row.slot, row.day));
        Leaves.Header memory header = row.header;
        int256 held = row.detail.potential;
        bool asked = header.feedIn > 0 && header.consumption > 0 && row.row.energy > 0;
        require(asked, PotentialHolds(row.runId, row.slot, row.detail.potential));

        FlowCosts.End memory end = FlowCosts.End({
            energy: row.row.energy,
            taken: row.row.allocated,
            total: header.consumption,
            shareable: header.feedIn < header.consumption ? header.feedIn : header.consumption
        });
        (int256 least, int256 most) = (int256(0), int256(0));
        if (direction == DIRECTION_CONSUMPTION) {
            (least, most) = FlowCosts.consumerBounds(end, proof.scale);
        } else {
            end.total = header.feedIn;
            Leaves.Round memory round = _roundOf(ground, row, row.slot);
            int256 due = int256(uint256(round.pool)) - FlowCosts.POTENTIAL_BOUND;
            if (held != due) return _refutePotential(row, OTHER_POTENTIAL, held, due);
            (held, due) = (int256(uint256(row.row.allocated)), int256(uint256(round.weight)));
            if (held != due) return _refutePotential(row, OTHER_SHARED, held, due);
            (least, most) = FlowCosts.producerBounds(end, proof.scale);
            held = row.detail.potential;
        }
        if (held < least) return _refutePotential(row, BELOW, held, least);
        require(held > most, PotentialHolds(row.runId, row.slot, row.detail.potential));
        _refutePotential(row, ABOVE, held, most);
    }

    function _refuteLink(LinkContest calldata proof, uint8 part, int256 held, int256 due) private {
        FlowRow calldata row = proof.consumer;
        emit LinkRefuted(row.runId, row.slot, msg.sender, proof.producer, row.day, row.t, part, held, due);
        settlementLedger.voidRun(row.runId, msg.sender);
    }

    function _refutePotential(FlowRow calldata row, uint8 part, int256 held, int256 due) private {
        emit PotentialRefuted(row.runId, row.slot, msg.sender, row.day, row.t, part, held, due);
        settlementLedger.voidRun(row.runId, msg.sender);
    }

    /// @dev The row and the header are of one interval of a contestable run of a computed flow.
    function _requireRow(FlowRow calldata row) private view returns (Evidence.Ground memory ground) {
        ground = Evidence.groundOf(settlementLedger, periodBook, row.runId);
        Evidence.requirePlace(ground, row.slot, row.day, row.t);
        RunClaim memory run = ground.run;
        (uint8 method, uint8 source,) = ruleBook.scheduleOf(run.community, run.ruleVersion);
        require(source == SOURCE_COMPUTED, IContests.RowsFollowOperator(row.runId));
        require(method == METHOD_FLOW, SharingKeys.SharingKeyUnknown(method));

        Places.Depths memory depths = ground.depths;
        (uint256 index, uint256 levels) = Places.row(depths, row.slot, row.day, row.t);
        bytes32 leaf = Leaves.flowRow(row.row, Leaves.detail(row.detail));
        Evidence.requireRoot(row.runId, Tree.climb(leaf, index, row.path, levels), run.root);
        bytes32 front = row.path[depths.slot + depths.interval];
        bytes32 headers = Tree.climb(Leaves.header(row.header), row.t, row.headerPath, depths.interval);
        bytes32 met = Tree.node(headers, row.stairsRoot);
        require(met == front, IContests.LeavesNotInRun(row.runId, met, front));
    }

    function _requireSide(RunClaim memory run, uint32 slot, uint16 day, uint8 side) private view {
        (uint8 direction, bool active) = registry.activityOf(run.community, run.period, slot, day);
        require(active && direction == side, NotOnThisSide(slot, side));
    }

    /// @dev The costs stand right of the scale, each at the place of its producer, then of its consumer.
    function _requireCost(LinkContest calldata proof, uint256 slotDepth) private view {
        uint256 index = (((uint256(1) << slotDepth) | proof.producer) << slotDepth) | proof.consumer.slot;
        bytes32 climbed = Tree.climb(FlowCosts.cost(proof.cost), index, proof.costPath, 2 * slotDepth + 1);
        _requireBasis(proof.consumer.runId, climbed);
    }

    function _requireBasis(bytes32 runId, bytes32 climbed) private view {
        bytes32 basis = settlementLedger.basisOf(runId);
        require(climbed == basis, CostNotInBasis(runId, climbed, basis));
    }

    /// @dev Whether the producer fed in, by its row: nothing is asked of one that did not.
    function _fedIn(LinkContest calldata proof, Evidence.Ground memory ground) private pure returns (bool) {
        if (proof.producerPath.length == 0) return false;
        FlowRow calldata row = proof.consumer;
        (uint256 index, uint256 levels) = Places.row(ground.depths, proof.producer, row.day, row.t);
        bytes32 leaf = Leaves.flowRow(proof.producerRow, proof.producerDetail);
        Evidence.requireRoot(row.runId, Tree.climb(leaf, index, proof.producerPath, levels), ground.run.root);
        return proof.producerRow.energy > 0;
    }

    /// @dev Each feed-in slot of the period has a round, ascending.
    function _roundOf(Evidence.Ground memory ground, FlowRow calldata row, uint32 producer)
        private
        view
        returns (Leaves.Round memory)
    {
        uint256 place = periodBook.producersBelow(ground.run.community, ground.run.period, producer);
        uint256 count = row.header.rounds.length;
        require(place < count, RoundMissing(row.runId, producer, count));
        return row.header.rounds[place];
    }

    function _carried(Leaves.Flow[] calldata links, uint32 producer) private pure returns (uint256 carried) {
        for (uint256 i; i < links.length; ++i) {
            if (links[i].slot == producer) carried += links[i].energy;
        }
    }
}
