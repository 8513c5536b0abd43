/** How the seal looks in each of its states. */
import { css } from "../vendor/lit.js";

export const sealStyles = css`
  .seal {
    display: grid;
    gap: 16px;
    grid-template-columns: minmax(0, 1fr);
    padding: 24px;
    border: 1px solid var(--line);
    border-top: 4px solid var(--line-strong);
    border-radius: var(--radius);
    background: var(--surface);
    box-shadow: var(--shadow);
  }

  .ok {
    border-color: color-mix(in srgb, var(--verified) 35%, transparent);
    border-top-color: var(--verified);
    background: linear-gradient(var(--verified-wash), var(--surface) 160px);
  }

  .failed {
    border-color: var(--voided);
    background: linear-gradient(var(--voided-wash), var(--surface) 240px);
  }

  .unreachable {
    border-color: color-mix(in srgb, var(--contestable) 35%, transparent);
    border-top-color: var(--contestable);
  }

  .head {
    display: grid;
    grid-template-columns: 32px minmax(0, 1fr);
    gap: 12px;
    align-items: center;
  }

  .mark {
    display: flex;
    color: var(--ink-soft);
  }

  .ok .mark,
  .ok h2 {
    color: var(--verified);
  }

  .failed .mark,
  .failed h2 {
    color: var(--voided);
  }

  .unreachable .mark {
    color: var(--contestable);
  }

  h2:focus-visible {
    outline: none;
  }

  progress {
    width: 100%;
    height: 8px;
    appearance: none;
    border: 0;
    border-radius: 4px;
    background: var(--line);
    overflow: hidden;
  }

  progress::-webkit-progress-bar {
    background: var(--line);
  }

  progress::-webkit-progress-value {
    background: var(--brand);
  }

  progress::-moz-progress-bar {
    background: var(--brand);
  }

  dl {
    display: grid;
    grid-template-columns: auto minmax(0, 1fr);
    gap: 4px 16px;
    align-items: center;
    font-size: 14px;
    line-height: 28px;
  }

  dt {
    color: var(--ink-soft);
    line-height: 20px;
  }

  dd {
    line-height: 20px;
  }

  @media print {
    .seal {
      background: none;
      break-inside: avoid;
    }
  }
`;
