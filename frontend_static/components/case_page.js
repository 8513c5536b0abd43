/** The base of the pages of disputes: whose contract, who may vote, what people are called; papers signed by oneself or by one's role. */
import { css } from "../vendor/lit.js";
import { ask } from "../data/api.js";
import { askGovernance, askRuleForm } from "../data/governance.js";
import { factsOf, requireDocument } from "../domain/signing.js";
import { say } from "../i18n/words.js";
import { GoverningPage } from "./governing_page.js";

const GOVERNING = ["member", "governance", "auditor"];

export const caseStyles = css`
  h2:focus,
  h2:focus-visible {
    outline: none;
  }

  .actions {
    display: flex;
    flex-wrap: wrap;
    gap: 8px;
  }
`;

export class CasePage extends GoverningPage {
  constructor() {
    super();
    /** Of the arbitration, and the chain's number. @type {{chain_id: number, contracts: Record<string, string>} | null} */
    this.deployment = null;
  }

  get governs() {
    return (this.me?.roles ?? []).some((/** @type {string} */ role) => GOVERNING.includes(role));
  }

  /** @param {AbortSignal} signal */
  async gather(signal) {
    const [card, deployment, governance, form] = await Promise.all([
      ask(`/public/communities/${encodeURIComponent(this.community)}`, { signal }),
      ask("/public/deployment", { signal }),
      this.governs ? askGovernance(this.community, signal).catch(() => null) : null, // without it nobody votes: the rest stands
      this.governs ? askRuleForm(this.community, signal).catch(() => null) : null, // names are then ids
    ]);
    if (signal.aborted) return;
    this.zone = card.time_zone;
    this.minutes = card.resolution_minutes;
    this.deployment = deployment;
    this.governance = governance;
    this.points = form?.points ?? [];
  }

  /**
   * Show a paper of the arbitration and have it signed, by the key of the seat; a role's paper is signed by the service.
   *
   * @param {import("../data/cases.js").Paper} paper
   * @param {{type: "OpenCase" | "Claim", message: Record<string, unknown>, lead: string, facts: [string, string][]}} due
   * @returns {Promise<{draft: string, signature: string | null} | null>} Null where it was not signed.
   */
  async signPaper(paper, { type, message, lead, facts }) {
    const { typed_data: document, signer, draft } = paper;
    requireDocument(document, { type, chainId: this.deployment?.chain_id ?? 0, contract: this.deployment?.contracts["arbitration"] ?? "", message });
    if (paper.signed_here) return { draft, signature: null };
    const told = factsOf(document, { locale: this.locale, say, zone: this.zone, name: (address) => this.nameAt(address) });
    const sheet = /** @type {import("./sign_sheet.js").SignSheet} */ (this.renderRoot.querySelector("partage-sign-sheet"));
    const signed = await sheet.ask({ title: say("sign.title"), lead, facts: [...facts, ...told], accounts: [signer], owner: this.me.login, document });
    return signed ? { draft, signature: signed.signature } : null;
  }

  /**
   * Lead to what has come.
   *
   * @param {string} selector
   */
  async leadTo(selector) {
    await this.updateComplete;
    const place = /** @type {HTMLElement | null} */ (this.renderRoot.querySelector(selector));
    place?.scrollIntoView({ block: "start" });
    place?.focus({ preventScroll: true });
  }
}
