/** Type, space and controls that all components share; colours come from `styles/tokens.css`. */
import { css } from "../vendor/lit.js";

export const sharedStyles = css`
  :host {
    display: block;
  }

  *,
  *::before,
  *::after {
    box-sizing: border-box;
  }

  h1,
  h2,
  h3,
  p,
  ul,
  ol,
  dl,
  dd,
  figure {
    margin: 0;
    padding: 0;
  }

  ul,
  ol {
    list-style: none;
  }

  h1 {
    font-size: 28px;
    line-height: 36px;
    font-weight: 650;
    letter-spacing: -0.015em;
  }

  h2 {
    font-size: 20px;
    line-height: 28px;
    font-weight: 650;
    letter-spacing: -0.01em;
  }

  h3 {
    font-size: 16px;
    line-height: 24px;
    font-weight: 650;
  }

  .soft {
    color: var(--ink-soft);
  }

  .small {
    font-size: 14px;
    line-height: 20px;
  }

  .card {
    background: var(--surface);
    border: 1px solid var(--line);
    border-radius: var(--radius);
    box-shadow: var(--shadow);
    padding: 24px;
  }

  .stack {
    display: grid;
    gap: 16px;
    grid-template-columns: minmax(0, 1fr);
  }

  .row {
    display: flex;
    flex-wrap: wrap;
    gap: 8px 16px;
    align-items: center;
  }

  .spread {
    justify-content: space-between;
  }

  .hidden {
    position: absolute;
    width: 1px;
    height: 1px;
    margin: -1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }

  a {
    color: var(--brand);
    text-underline-offset: 3px;
  }

  button,
  .button {
    display: inline-flex;
    align-items: center;
    justify-content: center;
    gap: 8px;
    min-height: 44px;
    padding: 8px 16px;
    border: 1px solid var(--line-strong);
    border-radius: var(--radius-small);
    background: var(--surface);
    color: var(--ink);
    font: inherit;
    font-weight: 550;
    text-decoration: none;
    cursor: pointer;
  }

  button:hover,
  .button:hover {
    border-color: var(--ink-soft);
    background: var(--sunken);
  }

  button.primary {
    border-color: var(--brand);
    background: var(--brand);
    color: var(--on-brand);
  }

  button.primary:hover {
    filter: brightness(0.93);
  }

  button.quiet {
    border-color: transparent;
    background: none;
  }

  button[disabled] {
    opacity: 0.6;
    cursor: default;
  }

  input,
  select,
  textarea {
    width: 100%;
    min-height: 44px;
    padding: 8px 12px;
    border: 1px solid var(--line-strong);
    border-radius: var(--radius-small);
    background: var(--surface);
    color: var(--ink);
    font: inherit;
  }

  label {
    display: block;
    margin-bottom: 4px;
    font-weight: 550;
  }

  :focus {
    outline: none;
  }

  :focus-visible {
    outline: 3px solid var(--focus);
    outline-offset: 2px;
  }

  table {
    width: 100%;
    border-collapse: collapse;
    font-size: 14px;
    line-height: 20px;
  }

  th,
  td {
    padding: 8px 12px 8px 0;
    border-bottom: 1px solid var(--line);
    text-align: right;
    font-weight: 400;
    white-space: nowrap;
  }

  th:first-child,
  td:first-child {
    text-align: left;
  }

  th:last-child,
  td:last-child {
    padding-right: 0;
  }

  thead th {
    color: var(--ink-soft);
    font-weight: 550;
    white-space: normal;
    vertical-align: bottom;
  }

  .scroll {
    overflow-x: auto;
    max-height: 480px;
    overflow-y: auto;
  }

  summary {
    cursor: pointer;
    border-radius: 4px;
  }

  .key {
    flex: none;
    width: 12px;
    height: 12px;
  }

  .fill-solar {
    fill: var(--flow-solar);
  }

  .fill-shared {
    fill: var(--flow-shared);
  }

  .fill-grid {
    fill: var(--flow-grid);
  }

  .fill-feed-in {
    fill: var(--flow-feed-in);
  }

  @media (max-width: 599px) {
    .card {
      padding: 20px 16px;
    }

    h1 {
      font-size: 24px;
      line-height: 32px;
    }
  }

  /* Ways to pages for which the bar of a phone has no room. */
  @media (min-width: 900px) {
    .phone {
      display: none;
    }
  }

  @media print {
    .card {
      border: 0;
      border-top: 1px solid #cccccc;
      border-radius: 0;
      padding: 12px 0;
      break-inside: avoid;
    }

    .screen {
      display: none !important;
    }
  }

  @media (prefers-reduced-motion: no-preference) {
    button,
    .button {
      transition: background-color 120ms, border-color 120ms;
    }
  }
`;
