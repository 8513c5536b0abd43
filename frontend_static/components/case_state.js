/** The state of a case: a word, a shape and a colour. */
import { css } from "../vendor/lit.js";
import { StatePill, pillStyles } from "./state_pill.js";

export class CaseState extends StatePill {
  static words = "case.state";
  static fallback = "claims";
  static shapes = {
    ...{ claims: "pen", hearing: "eye", ruled: "contestable", appealed: "votes" },
    ...{ final: "final", dismissed: "withdrawn", fulfilled: "anchored" },
  };

  static styles = [
    pillStyles,
    css`
      .claims,
      .appealed {
        color: var(--brand);
        background: var(--verified-wash);
      }

      .hearing,
      .ruled {
        color: var(--contestable);
        background: var(--contestable-wash);
      }

      .final,
      .fulfilled {
        color: var(--ink);
      }
    `,
  ];
}

customElements.define("partage-case-state", CaseState);
