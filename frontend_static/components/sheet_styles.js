/** A sheet over the page: from below on a phone, in the middle on a desk. */
import { css } from "../vendor/lit.js";

export const sheetStyles = css`
  dialog {
    width: min(560px, 100vw);
    max-width: none;
    max-height: 90vh;
    padding: 24px;
    overflow: auto;
    border: 1px solid var(--line);
    border-radius: var(--radius);
    background: var(--surface);
    color: var(--ink);
  }

  dialog[open] {
    display: grid;
    gap: 16px;
    grid-template-columns: minmax(0, 1fr);
  }

  dialog::backdrop {
    background: rgb(10 14 12 / 55%);
  }

  dialog header {
    display: flex;
    gap: 16px;
    justify-content: space-between;
    align-items: start;
  }

  dialog header button {
    flex: none;
    margin: -8px -8px 0 0;
    padding: 8px;
    min-width: 44px;
  }

  dialog dl {
    display: grid;
    grid-template-columns: minmax(0, 2fr) minmax(0, 3fr);
    gap: 4px 16px;
    padding: 16px;
    border-radius: var(--radius-small);
    background: var(--sunken);
  }

  dialog dt {
    color: var(--ink-soft);
  }

  dialog dd {
    font-weight: 600;
    overflow-wrap: anywhere;
  }

  .fault {
    display: flex;
    gap: 8px;
    align-items: center;
    padding: 12px 16px;
    border-radius: var(--radius-small);
    background: var(--voided-wash);
    color: var(--voided);
  }

  .fault svg {
    flex: none;
  }

  @media (max-width: 599px) {
    dialog {
      margin: auto 0 0;
      padding: 20px 16px 32px;
      border-radius: var(--radius) var(--radius) 0 0;
    }
  }
`;
