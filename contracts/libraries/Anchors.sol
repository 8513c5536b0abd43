// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Places } from "./Places.sol";
import { Tree } from "./Tree.sol";

/// @title Where a stair stands, and what must meet it
/// @notice Its path joins the root of its own tree first, then that of the run or the batch; the stair before, and the leaves between
/// them, are shown up to a node of that path alone.
library Anchors {
    /// @notice The place of a stair.
    /// @param runId The run.
    /// @param root Root of the run or its batch.
    /// @param index Position of the whole path.
    /// @param own Levels of the stairs' own tree.
    /// @param levels Levels of the whole path.
    struct Anchor {
        bytes32 runId;
        bytes32 root;
        uint256 index;
        uint256 own;
        uint256 levels;
    }

    /// @notice What is shown does not lead to the root of the run or its batch.
    error StairNotAnchored(bytes32 runId, bytes32 climbed, bytes32 root);
    /// @notice Two parts of what is shown do not meet where their paths join.
    error PartsDoNotMeet(bytes32 climbed, bytes32 expected);

    /// @notice Refuse a stair that does not stand in its place.
    /// @param anchor The place.
    /// @param leaf Hash of the stair.
    /// @param path Siblings up to the root of the run or the batch.
    /// @return stairs Root of the stairs' own tree.
    function requireAt(Anchor memory anchor, bytes32 leaf, bytes32[] calldata path)
        internal
        pure
        returns (bytes32 stairs)
    {
        Tree.requireLength(path, anchor.levels);
        stairs = Tree.climbPart(leaf, anchor.index, path, 0, anchor.own);
        bytes32 climbed = Tree.climbPart(stairs, anchor.index, path, anchor.own, anchor.levels);
        require(climbed == anchor.root, StairNotAnchored(anchor.runId, climbed, anchor.root));
    }

    /// @notice Refuse a former stair that does not stand one place before, in the same tree.
    /// @param anchor The place of the stair after it.
    /// @param former Hash of the former; zero before the first stair, where there is none.
    /// @param path Siblings of the former up to the root of the stairs; none before the first.
    /// @param stairs That root.
    function requireFormer(Anchor memory anchor, bytes32 former, bytes32[] calldata path, bytes32 stairs)
        internal
        pure
    {
        if (former == bytes32(0)) Tree.requireLength(path, 0);
        else requireSame(Tree.climb(former, anchor.index - 1, path, anchor.own), stairs);
    }

    /// @notice Refuse parts that do not meet.
    function requireSame(bytes32 climbed, bytes32 expected) internal pure {
        require(climbed == expected, PartsDoNotMeet(climbed, expected));
    }

    /// @notice Place of a stair of an interval.
    function stair(
        bytes32 runId,
        bytes32 root,
        Places.Depths memory depths,
        uint256 day,
        uint256 t,
        uint256 number
    ) internal pure returns (Anchor memory anchor) {
        (anchor.runId, anchor.root, anchor.own) = (runId, root, depths.interval + depths.stair);
        (anchor.index, anchor.levels) = Places.stair(depths, day, t, number);
    }

    /// @notice Place of a period stair.
    function periodStair(bytes32 runId, bytes32 root, Places.Depths memory depths, uint256 number)
        internal
        pure
        returns (Anchor memory anchor)
    {
        (anchor.runId, anchor.root, anchor.own) = (runId, root, depths.stair);
        (anchor.index, anchor.levels) = Places.periodStair(depths, number);
    }

    /// @notice Place of a reading stair.
    function readingStair(bytes32 runId, bytes32 root, Places.Depths memory depths, uint256 slot, uint256 day)
        internal
        pure
        returns (Anchor memory anchor)
    {
        (anchor.runId, anchor.root, anchor.own) = (runId, root, depths.slot + depths.day);
        (anchor.index, anchor.levels) = Places.readingStair(depths, slot, day);
    }
}
