/** How grave an event of a network is: a word, a shape and a colour. */
import { css } from "../vendor/lit.js";
import { StatePill, pillStyles } from "./state_pill.js";

export class SeverityPill extends StatePill {
  static words = "grid.severity";
  static fallback = "info";
  static shapes = { info: "open", warning: "against", critical: "voided" };

  static styles = [
    pillStyles,
    css`
      .warning {
        color: var(--contestable);
        background: var(--contestable-wash);
      }

      .critical {
        color: var(--voided);
        background: var(--voided-wash);
      }
    `,
  ];
}

customElements.define("partage-severity-pill", SeverityPill);
