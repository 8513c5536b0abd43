/** How My bill is laid out: one column; on a wide desk the seal stands beside it. */
import { css } from "../vendor/lit.js";

export const billStyles = css`
  .page {
    display: grid;
    gap: 24px;
    grid-template-columns: minmax(0, 1fr);
  }

  .columns {
    display: grid;
    grid-template-columns: minmax(0, 1fr) 352px;
    gap: 24px;
    align-items: start;
  }

  aside {
    position: sticky;
    top: 24px;
  }

  .doubt {
    margin-top: 16px;
    text-align: center;
  }

  .hero {
    display: grid;
    gap: 12px;
    grid-template-columns: minmax(0, 1fr);
  }

  .hero partage-energy-bar {
    margin-top: 12px;
  }

  .amount {
    font-size: 52px;
    line-height: 56px;
    font-weight: 680;
    letter-spacing: -0.03em;
  }

  .stale {
    display: flex;
    gap: 8px;
    padding: 12px 16px;
    border-radius: var(--radius-small);
    background: var(--voided-wash);
    color: var(--voided);
    font-weight: 600;
  }

  .chip {
    justify-self: start;
    margin-top: 8px;
    min-height: 36px;
    padding: 4px 14px 4px 10px;
    border-radius: 999px;
    border-color: var(--line);
    background: var(--sunken);
    color: var(--ink-soft);
    font-size: 14px;
    text-align: left;
  }

  .chip.ok {
    border-color: transparent;
    background: var(--verified-wash);
    color: var(--verified);
  }

  .chip.failed {
    border-color: var(--voided);
    background: var(--voided-wash);
    color: var(--voided);
  }

  .flows li {
    display: grid;
    grid-template-columns: 12px minmax(0, 1fr) auto;
    gap: 12px;
    align-items: center;
    padding: 10px 0;
    border-top: 1px solid var(--line);
  }

  .flows .value {
    padding-right: 28px;
    font-weight: 550;
    white-space: nowrap;
  }

  .pair {
    display: flex;
    flex-wrap: wrap;
    justify-content: space-between;
    gap: 0 16px;
    align-items: baseline;
  }

  .figure {
    font-size: 18px;
    font-weight: 650;
    white-space: nowrap;
  }

  .readings,
  .words {
    display: grid;
    gap: 8px;
  }

  .words {
    margin-top: 8px;
  }

  .doubtful {
    border-left: 4px solid var(--contestable);
  }

  .note {
    margin-top: 12px;
    padding-top: 12px;
    border-top: 1px solid var(--line);
  }

  @media (max-width: 1099px) {
    .columns {
      grid-template-columns: minmax(0, 1fr);
    }

    aside {
      position: static;
    }
  }

  @media (max-width: 599px) {
    .amount {
      font-size: 44px;
      line-height: 52px;
    }
  }

  @media print {
    .columns {
      display: block;
    }

    aside {
      position: static;
      margin-top: 16px;
    }

    .chip {
      display: none;
    }
  }
`;
