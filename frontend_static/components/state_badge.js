/** The state of a run or of its bills: a word, a shape and a colour. */
import { css } from "../vendor/lit.js";
import { StatePill, pillStyles } from "./state_pill.js";

export class StateBadge extends StatePill {
  static shapes = { final: "anchored" };

  static styles = [
    pillStyles,
    css`
      /* Green is kept for what this browser has checked. */
      .final {
        color: var(--ink);
      }

      .contestable {
        color: var(--contestable);
        background: var(--contestable-wash);
      }

      .voided,
      .superseded {
        color: var(--voided);
        background: var(--voided-wash);
      }
    `,
  ];
}

customElements.define("partage-state-badge", StateBadge);
