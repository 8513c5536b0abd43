/**
 * A workflow drawn: its steps from above to below, what each outcome leads to, ways onwards at the right, ways back at the left.
 *
 * @typedef {import("../domain/grid_workflow.js").FlowBox} FlowBox
 * @typedef {import("../domain/grid_workflow.js").FlowWay} FlowWay
 * @typedef {import("../domain/grid_workflow.js").WorkflowDraft} WorkflowDraft
 */
import { css, html, nothing, svg } from "../vendor/lit.js";
import { layOutFlow } from "../domain/grid_workflow.js";
import { say } from "../i18n/words.js";
import { Localized } from "./localized.js";
import { sharedStyles } from "./shared_styles.js";

const [BOX, LANE, EDGE, PAD, LINE] = [252, 12, 14, 10, 18]; // px
const BASELINE = 13;

export class WorkflowDrawing extends Localized {
  static properties = { workflow: { attribute: false } };

  static styles = [
    sharedStyles,
    css`
      .scroll {
        max-height: none;
      }

      svg {
        display: block;
        max-width: 100%;
        height: auto;
        margin: 0 auto;
      }

      rect {
        fill: var(--surface);
        stroke: var(--line-strong);
      }

      .first rect {
        stroke: var(--brand);
        stroke-width: 2.5;
      }

      .ending rect {
        fill: var(--verified-wash);
      }

      .lost rect {
        stroke: var(--voided);
        stroke-dasharray: 5 4;
      }

      text {
        fill: var(--ink);
        font-size: 13px;
      }

      .title {
        font-weight: 650;
      }

      .outcome {
        fill: var(--ink-soft);
      }

      .back-outcome {
        text-anchor: start;
      }

      .onwards-outcome {
        text-anchor: end;
      }

      .way {
        fill: none;
        stroke: var(--brand);
        stroke-width: 1.5;
      }

      .back {
        stroke: var(--contestable);
        stroke-dasharray: 5 3;
      }

      .tip {
        fill: var(--brand);
      }

      .back-tip {
        fill: var(--contestable);
      }
    `,
  ];

  constructor() {
    super();
    /** @type {WorkflowDraft | null} */
    this.workflow = null;
  }

  render() {
    const { workflow } = this;
    if (!workflow) return nothing;
    const { height, lanes, boxes, ways } = layOutFlow(workflow);
    const left = EDGE + lanes.back * LANE;
    const width = left + BOX + lanes.onwards * LANE + EDGE;
    const lost = boxes.filter(({ isReached }) => !isReached);
    const goesBack = new Set(ways.filter(({ isBack }) => isBack).map(({ from, y0 }) => `${from} ${y0}`));
    return html`<figure>
      <div class="scroll" role="region" tabindex="0" aria-label=${say("grid.flow.drawing", { workflow: workflow.title })}>
        <svg width=${width} height=${height + 4} viewBox="0 -2 ${width} ${height + 4}" role="img" aria-label=${this.tell(workflow)}>
          ${ways.map((way) => drawWay(way, left))} ${boxes.map((box, i) => drawBox(box, left, i === 0, goesBack))}
        </svg>
      </div>
      ${lost.length > 0 ? html`<figcaption class="small soft">${say("grid.flow.lost", { steps: lost.map(({ lines }) => lines.join(" ")).join(", ") })}</figcaption>` : nothing}
    </figure>`;
  }

  /** The same in words. @param {WorkflowDraft} workflow */
  tell({ steps, endings }) {
    const names = new Map([...steps, ...endings].map(({ id, title }) => [id, title]));
    return steps.map(({ title, outcomes }) => `${title}: ${outcomes.map(({ name, to }) => say("grid.flow.leads", { outcome: name, to: names.get(to) ?? to })).join("; ")}.`).join(" ");
  }
}

/** @param {FlowWay} way @param {number} left */
function drawWay({ isBack, lane, y0, y1 }, left) {
  const side = isBack ? left : left + BOX;
  const out = isBack ? left - LANE * (lane + 1) : left + BOX + LANE * (lane + 1);
  const inwards = isBack ? -1 : 1;
  const bend = Math.sign(y1 - y0) * Math.min(6, Math.abs(y1 - y0) / 2);
  const path = `M${side} ${y0}H${out - 6 * inwards}q${6 * inwards} 0 ${6 * inwards} ${bend}V${y1 - bend}q0 ${bend} ${-6 * inwards} ${bend}H${side + 5 * inwards}`;
  const tip = `${side},${y1} ${side + 7 * inwards},${y1 - 4} ${side + 7 * inwards},${y1 + 4}`;
  return svg`<path class="way ${isBack ? "back" : ""}" d=${path}></path><polygon class=${isBack ? "back-tip" : "tip"} points=${tip}></polygon>`;
}

/** @param {FlowBox} box @param {number} left @param {boolean} isFirst @param {ReadonlySet<string>} goesBack */
function drawBox({ id, lines, isEnding, isReached, y, height, rows }, left, isFirst, goesBack) {
  const text = (/** @type {number} */ row) => y + PAD + row * LINE + BASELINE;
  return svg`<g class="${isFirst ? "first" : ""} ${isEnding ? "ending" : ""} ${isReached ? "" : "lost"}">
    <rect x=${left} y=${y} width=${BOX} height=${height} rx=${isEnding ? 18 : 6}></rect>
    ${lines.map((line, i) => svg`<text class="title" x=${left + 12} y=${text(i)}>${line}</text>`)}
    ${rows.map(({ outcome, y: middle }, i) => {
      const isBack = goesBack.has(`${id} ${middle}`);
      return svg`<text class="outcome ${isBack ? "back-outcome" : "onwards-outcome"}" x=${isBack ? left + 12 : left + BOX - 12} y=${text(lines.length + i)}>${isBack ? `← ${outcome}` : `${outcome} →`}</text>`;
    })}
  </g>`;
}

customElements.define("partage-workflow-drawing", WorkflowDrawing);
