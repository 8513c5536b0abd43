/** What stands where content is not there: loading, empty, offline, refused. */
import { css, html, nothing } from "../vendor/lit.js";
import { say } from "../i18n/words.js";
import { icon } from "./icons.js";
import { Localized } from "./localized.js";
import { sharedStyles } from "./shared_styles.js";

export class Notice extends Localized {
  static properties = { kind: {}, heading: {}, text: {}, retry: { attribute: false } };

  static styles = [
    sharedStyles,
    css`
      .box {
        display: grid;
        justify-items: start;
        gap: 12px;
        max-width: 36rem;
        padding: 32px 24px;
        border: 1px dashed var(--line-strong);
        border-radius: var(--radius);
      }

      .loading {
        border: 0;
        padding: 8px 0;
      }

      .bone {
        width: 100%;
        height: 16px;
        border-radius: 8px;
        background: var(--line);
      }

      .bone:nth-of-type(2) {
        width: 44%;
        height: 44px;
      }

      .bone:nth-of-type(4) {
        width: 72%;
      }

      .error {
        border-style: solid;
        border-color: var(--voided);
      }

      .error .mark {
        color: var(--voided);
      }

      @media (prefers-reduced-motion: no-preference) {
        .bone {
          animation: breathe 1.6s ease-in-out infinite alternate;
        }

        @keyframes breathe {
          to {
            opacity: 0.45;
          }
        }
      }
    `,
  ];

  constructor() {
    super();
    /** @type {"loading" | "empty" | "offline" | "error"} */
    this.kind = "loading";
    this.heading = "";
    this.text = "";
    /** @type {(() => void) | null} */
    this.retry = null;
  }

  render() {
    if (this.kind === "loading") {
      return html`<div class="box loading" role="status">
        <span class="small soft">${this.heading || say("loading")}…</span>
        <div class="bone"></div>
        <div class="bone"></div>
        <div class="bone"></div>
      </div>`;
    }
    const mark = { empty: "open", offline: "offline", error: "voided" }[this.kind];
    return html`<div class="box ${this.kind}" role=${this.kind === "empty" ? nothing : "alert"}>
      <span class="mark">${icon(mark, 28)}</span>
      <h2>${this.heading}</h2>
      <p class="soft">${this.text}</p>
      ${this.retry ? html`<button type="button" @click=${this.retry}>${say("action.retry")}</button>` : nothing}
    </div>`;
  }
}

customElements.define("partage-notice", Notice);

/**
 * A notice for an error of `data/api.js`.
 *
 * @param {unknown} error
 * @param {() => void} retry
 */
export function noticeOf(error, retry) {
  const status = /** @type {any} */ (error)?.status ?? -1;
  if (status === 0) {
    return html`<partage-notice kind="offline" .heading=${say("error.offline.title")} .text=${say("error.offline")} .retry=${retry}></partage-notice>`;
  }
  if (status === 404) {
    return html`<partage-notice kind="empty" .heading=${say("error.not_found.title")} .text=${say("error.not_found")}></partage-notice>`;
  }
  const text = status === 403 ? say("error.forbidden") : status === 503 ? say("error.busy") : say("error.other", { status });
  return html`<partage-notice kind="error" .heading=${say("error.title")} .text=${text} .retry=${retry}></partage-notice>`;
}
