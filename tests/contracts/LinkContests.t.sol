// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { ICommunityRegistry } from "../../contracts/interfaces/ICommunityRegistry.sol";
import { IContests } from "../../contracts/interfaces/IContests.sol";
import {
    FlowRow,
    ILinkContests,
    LinkContest,
    StepContest
} from "../../contracts/interfaces/ILinkContests.sol";
import { IPeriodBook } from "../../contracts/interfaces/IPeriodBook.sol";
import { IRuleBook } from "../../contracts/interfaces/IRuleBook.sol";
import { ISettlementLedger } from "../../contracts/interfaces/ISettlementLedger.sol";
import { LinkContests } from "../../contracts/LinkContests.sol";
import { FlowCosts } from "../../contracts/libraries/FlowCosts.sol";
import { Leaves } from "../../contracts/libraries/Leaves.sol";
import { Places } from "../../contracts/libraries/Places.sol";
import { SharingKeys } from "../../contracts/libraries/SharingKeys.sol";
import { Tree } from "../../contracts/libraries/Tree.sol";
import { FlowStage } from "./support/FlowStage.sol";
import { vm } from "./support/Vm.sol";

contract LinkContestsTest {
    FlowStage private stage;
    LinkContests private contests;
    bytes32 private run;

    function setUp() public {
        stage = new FlowStage();
        address all = address(stage);
        contests = new LinkContests(
            ICommunityRegistry(all), IRuleBook(all), IPeriodBook(all), ISettlementLedger(all)
        );
        run = stage.RUN();
        stage.anchor();
    }

    function test_AnOptimalFlowSurvivesEveryContest() public {
        _expectAllHold();
    }

    function test_AnotherOptimalFlowWithSurplusSurvivesEveryContest() public {
        _stageSurplus();
        _expectAllHold();
    }

    function test_LeavesHaveTheBytesOfThoseWhoCommit() public view {
        assert(
            FlowCosts.cost(FlowCosts.Cost("cost", -21140, 250))
                == 0x32ff319938c969f2ba5428d817972dcb431d34d19e5bc36c692ce49293f51b45
        );
        assert(
            FlowCosts.scale(stage.fullScale())
                == 0x586afcc887b6a71da397524851a515467487480eb72125097daa1899b6e4b24c
        );
    }

    // the link

    function test_ALinkBeyondItsCapIsRefuted() public {
        stage.setLink(0, 0, 82, 35, 81);
        _expectLink(0, 0, 0, 82, 81);
    }

    function test_ALinkThatCarriesThoughItIsTooDearIsRefuted() public {
        stage.setEnd(0, 600, 382, 37824);
        _expectLink(0, 0, 1, 37824, 37825);
    }

    function test_ALinkThatCouldCarryMoreIsRefuted() public {
        stage.setEnd(0, 600, 382, 37826);
        _expectLink(0, 0, 2, 37826, 37825);
    }

    function test_ALinkAtItsCapMayBeCheap() public {
        stage.setEnd(0, 600, 382, 37826);
        stage.setLink(0, 0, 82, 35, 82);
        stage.anchor();
        _expectLinkHolds(0, 0);
    }

    function test_OfAProducerThatSharedNothingTheRowMustSayThatItFedIn() public {
        _stageIdle(300);
        _expectLinkHolds(1, 0);
        _expectLinkBy(_linkWithProducer(1, 0), 1, 0, 2, 37825, -21140);
    }

    function test_NothingIsAskedOfAProducerThatDidNotFeedIn() public {
        _stageIdle(0);
        LinkContest memory proof = _linkWithProducer(1, 0);
        vm.expectRevert(abi.encodeWithSelector(ILinkContests.LinkHolds.selector, run, 3, 0));
        contests.contestLink(proof);
    }

    function test_AForeignRowOfTheProducerIsRefused() public {
        _stageIdle(300);
        LinkContest memory proof = _linkWithProducer(1, 0);
        proof.producerRow.energy = 301;
        _expectRejected(proof, IContests.LeavesNotInRun.selector);
    }

    function test_NothingIsAskedWithoutFeedInOrConsumption() public {
        stage.setEnd(0, 0, 0, 5);
        stage.setLink(0, 0, 0, 35, 250);
        stage.setLink(1, 0, 0, -21140, type(uint64).max);
        stage.anchor();
        _expectLinkHolds(0, 0);
        _expectStepHolds(0);
    }

    // the steps

    function test_AConsumersPotentialBelowItsLeastIsRefuted() public {
        (int256 least, int256 most) = _consumerBounds(1);
        stage.setEnd(1, 500, 318, int64(least - 1));
        _expectStep(1, 0, least - 1, least);
        stage.setEnd(1, 500, 318, int64(most + 1));
        _expectStep(1, 1, most + 1, most);
    }

    function test_AProducersPotentialBeyondItsBoundsIsRefuted() public {
        _stageSurplus();
        int64[2] memory wrong = [int64(1), 3];
        for (uint8 part; part < 2; ++part) {
            stage.setEnd(2, 700, 410, wrong[part]);
            stage.setHeader(2, wrong[part], 410);
            _expectStep(2, part, wrong[part], 2);
        }
    }

    function test_AProducersRowThatIsNotItsRoundIsRefuted() public {
        stage.setHeader(2, 37791, 400);
        _expectStep(2, 2, 37790, 37791);
        stage.setHeader(2, 37790, 399);
        _expectStep(2, 3, 400, 399);
    }

    function test_AScaleWithoutStepsShieldsNoLie() public {
        stage.setScale(FlowCosts.Scale("scale", 44500, 2225, 1, 0));
        stage.setEnd(1, 500, 318, 44501);
        _expectStep(1, 1, 44501, 44500);
    }

    // the proof

    function test_ACostOfAnotherLinkIsRefused() public {
        LinkContest memory proof = _link(0, 0);
        proof.cost = stage.cost(0, 1);
        _expectRejected(proof, ILinkContests.CostNotInBasis.selector);
    }

    function test_AnotherScaleIsRefused() public {
        StepContest memory proof = _step(1);
        ++proof.scale.steps;
        (bool passed, bytes memory answer) =
            address(contests).call(abi.encodeCall(contests.contestStep, (proof)));
        assert(!passed && bytes4(answer) == ILinkContests.CostNotInBasis.selector);
    }

    function test_AnotherRowOrHeaderIsRefused() public {
        LinkContest memory proof = _link(0, 0);
        ++proof.consumer.row.energy;
        _expectRejected(proof, IContests.LeavesNotInRun.selector);
        proof = _link(0, 0);
        ++proof.consumer.header.feedIn;
        _expectRejected(proof, IContests.LeavesNotInRun.selector);
    }

    function test_APathOfAnotherLengthIsRefused() public {
        LinkContest memory proof = _link(0, 0);
        proof.costPath = new bytes32[](4);
        _expectRejected(proof, Tree.TreePathLength.selector);
    }

    function test_APlaceOutsideThePeriodIsRefused() public {
        LinkContest memory proof = _link(0, 0);
        proof.consumer.day = 1;
        _expectRejected(proof, Places.OutsideShape.selector);
    }

    function test_SidesThatAreSwappedOrAwayAreRefused() public {
        LinkContest memory proof = _link(0, 1);
        proof.producer = 0;
        _expectRejected(proof, ILinkContests.NotOnThisSide.selector);
        stage.depart();
        _expectRejected(_link(0, 1), ILinkContests.NotOnThisSide.selector);
        StepContest memory step = _step(1);
        vm.expectRevert(abi.encodeWithSelector(IContests.SlotNotActive.selector, 1, 0));
        contests.contestStep(step);
    }

    function test_OnlyAComputedFlowOfAContestableRunIsContested() public {
        LinkContest memory proof = _link(0, 0);
        stage.setMethod(1, 0);
        _expectRejected(proof, SharingKeys.SharingKeyUnknown.selector);
        stage.setMethod(9, 1);
        _expectRejected(proof, IContests.RowsFollowOperator.selector);
        stage.setMethod(9, 0);
        stage.setState(2);
        _expectRejected(proof, ISettlementLedger.RunNotContestable.selector);
    }

    // support

    /// @dev More feed-in than is used: the producers' steps decide. As solved off chain.
    function _stageSurplus() private {
        stage.setEnd(0, 300, 300, 37);
        stage.setEnd(1, 200, 200, 557);
        stage.setEnd(2, 700, 410, 2);
        stage.setEnd(3, 90, 90, 21177);
        stage.setHeader(2, 2, 410);
        stage.setHeader(3, 21177, 90);
        stage.setLink(0, 0, 210, 35, 250);
        stage.setLink(0, 1, 200, 555, type(uint64).max);
        stage.setLink(1, 0, 90, -21140, type(uint64).max);
        stage.anchor();
    }

    /// @dev The second producer shared nothing, and names no price.
    function _stageIdle(uint64 fedIn) private {
        stage.setEnd(3, fedIn, 0, 0);
        stage.setHeader(3, 0, 0);
        stage.setLink(1, 0, 0, -21140, type(uint64).max);
        stage.anchor();
    }

    function _row(uint32 slot) private view returns (FlowRow memory) {
        bytes32[] memory headerPath = new bytes32[](1);
        headerPath[0] = stage.OTHER_HEADER();
        return FlowRow({
            runId: run,
            slot: slot,
            day: 0,
            t: stage.T(),
            row: stage.row(slot),
            detail: stage.detail(slot),
            path: stage.pathOf(slot),
            header: stage.header(),
            headerPath: headerPath,
            stairsRoot: stage.STAIRS()
        });
    }

    function _link(uint32 p, uint32 i) private view returns (LinkContest memory proof) {
        proof.consumer = _row(i);
        proof.producer = p + 2;
        proof.cost = stage.cost(p, i);
        proof.costPath = stage.costPathOf(p, i);
    }

    function _linkWithProducer(uint32 p, uint32 i) private view returns (LinkContest memory proof) {
        proof = _link(p, i);
        proof.producerRow = stage.row(p + 2);
        proof.producerDetail = Leaves.detail(stage.detail(p + 2));
        proof.producerPath = stage.pathOf(p + 2);
    }

    function _step(uint32 slot) private view returns (StepContest memory) {
        return StepContest({ end: _row(slot), scale: stage.fullScale(), costsRoot: stage.costsRoot() });
    }

    function _consumerBounds(uint32 slot) private view returns (int256 least, int256 most) {
        FlowCosts.End memory end = FlowCosts.End(stage.energy(slot), stage.allocated(slot), 1100, 700);
        return FlowCosts.consumerBounds(end, stage.fullScale());
    }

    function _expectAllHold() private {
        for (uint32 slot; slot < 4; ++slot) {
            _expectStepHolds(slot);
        }
        for (uint32 link; link < 4; ++link) {
            _expectLinkHolds(link / 2, link % 2);
        }
    }

    function _expectLinkHolds(uint32 p, uint32 i) private {
        LinkContest memory proof = _link(p, i);
        vm.expectRevert(abi.encodeWithSelector(ILinkContests.LinkHolds.selector, run, p + 2, i));
        contests.contestLink(proof);
    }

    function _expectStepHolds(uint32 slot) private {
        StepContest memory proof = _step(slot);
        int64 potential = stage.potential(slot);
        vm.expectRevert(abi.encodeWithSelector(ILinkContests.PotentialHolds.selector, run, slot, potential));
        contests.contestStep(proof);
    }

    function _expectLink(uint32 p, uint32 i, uint8 part, int256 held, int256 due) private {
        stage.anchor();
        _expectLinkBy(_link(p, i), p, i, part, held, due);
    }

    function _expectLinkBy(LinkContest memory proof, uint32 p, uint32 i, uint8 part, int256 held, int256 due)
        private
    {
        vm.expectEmit(address(contests));
        emit ILinkContests.LinkRefuted(run, i, address(this), p + 2, 0, 1, part, held, due);
        contests.contestLink(proof);
        assert(stage.voidedBy() == address(this));
    }

    function _expectStep(uint32 slot, uint8 part, int256 held, int256 due) private {
        stage.anchor();
        StepContest memory proof = _step(slot);
        vm.expectEmit(address(contests));
        emit ILinkContests.PotentialRefuted(run, slot, address(this), 0, 1, part, held, due);
        contests.contestStep(proof);
        assert(stage.voidedBy() == address(this));
    }

    function _expectRejected(LinkContest memory proof, bytes4 expected) private {
        (bool passed, bytes memory answer) =
            address(contests).call(abi.encodeCall(contests.contestLink, (proof)));
        assert(!passed && bytes4(answer) == expected);
    }
}
