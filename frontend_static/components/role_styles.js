/** What the pages of roles share: facts in a row, long tables whose head and first column stay, controls beside a title, tabs. */
import { css } from "../vendor/lit.js";

export const roleStyles = css`
  .page {
    display: grid;
    gap: 24px;
    grid-template-columns: minmax(0, 1fr);
  }

  section.card {
    display: grid;
    gap: 12px;
    grid-template-columns: minmax(0, 1fr);
  }

  .facts {
    display: grid;
    grid-template-columns: repeat(3, minmax(0, 1fr));
    gap: 16px 24px;
    align-items: end;
  }

  .facts dt {
    display: flex;
    gap: 8px;
    align-items: center;
    color: var(--ink-soft);
    font-size: 14px;
    line-height: 20px;
  }

  .facts dd {
    font-size: 20px;
    line-height: 28px;
    font-weight: 650;
    white-space: nowrap;
  }

  .period {
    min-width: 160px;
  }

  h2:focus,
  h2:focus-visible {
    outline: none;
  }

  @media (max-width: 599px) {
    .facts {
      grid-template-columns: repeat(2, minmax(0, 1fr));
    }
  }

  .fault {
    padding: 12px 16px;
    border-radius: var(--radius-small);
    background: var(--contestable-wash);
    color: var(--contestable);
  }
`;

export const tableStyles = css`
  /* What stays in place within a table stays below the bar of pages. */
  .scroll {
    isolation: isolate;
  }

  table {
    border-collapse: separate;
    border-spacing: 0;
  }

  thead th {
    position: sticky;
    z-index: 1;
    top: 0;
    background: var(--surface);
  }

  th[scope="row"],
  thead th:first-child {
    position: sticky;
    left: 0;
    background: var(--surface);
  }

  thead th:first-child {
    z-index: 2;
  }

  th[scope="row"] {
    font-weight: 550;
  }

  th .small {
    font-weight: 400;
  }

  .text {
    text-align: left;
  }

  tfoot th,
  tfoot td {
    font-weight: 650;
  }

  tr[aria-current] > * {
    background: var(--sunken);
  }

  .mark {
    color: var(--contestable);
    font-weight: 600;
  }

  @media print {
    .scroll {
      max-height: none;
      overflow: visible;
    }

    thead th,
    th[scope="row"] {
      position: static;
    }

    tr {
      break-inside: avoid;
    }
  }
`;

/** Of a view that stacks its parts, as those of the page Grid do. */
export const viewStyles = css`
  :host {
    display: grid;
    gap: 24px;
    grid-template-columns: minmax(0, 1fr);
  }
`;

/** Buttons of which one is pressed, side by side. */
export const tabStyles = css`
  .tabs {
    display: flex;
    flex-wrap: wrap;
    gap: 4px;
  }

  .tabs button[aria-pressed="true"] {
    border-color: var(--brand);
    box-shadow: inset 0 -3px 0 var(--brand);
  }
`;

/** Buttons within a table that look like links: the name of a row, a moment. */
export const rowButtonStyles = css`
  th button,
  .moment {
    min-height: 0;
    padding: 2px 4px;
    border: 0;
    background: none;
    color: var(--brand);
    text-decoration: underline;
    text-underline-offset: 3px;
    font-weight: 550;
  }
`;
