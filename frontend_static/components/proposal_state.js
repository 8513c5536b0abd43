/** The state of a proposal: a word, a shape and a colour. */
import { css } from "../vendor/lit.js";
import { StatePill, pillStyles } from "./state_pill.js";

export class ProposalState extends StatePill {
  static words = "proposal.state";
  static fallback = "pending";
  static shapes = {
    ...{ pending: "open", active: "votes", succeeded: "final", queued: "contestable" },
    ...{ executed: "anchored", defeated: "voided", canceled: "withdrawn", expired: "withdrawn" },
  };

  static styles = [
    pillStyles,
    css`
      .active {
        color: var(--brand);
        background: var(--verified-wash);
      }

      .succeeded,
      .executed {
        color: var(--ink);
      }

      .pending,
      .queued {
        color: var(--contestable);
        background: var(--contestable-wash);
      }

      .defeated {
        color: var(--voided);
        background: var(--voided-wash);
      }
    `,
  ];
}

customElements.define("partage-proposal-state", ProposalState);
