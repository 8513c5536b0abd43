/** One case: where it stands, what each party says, the curves side by side; one's claim, the ruling, the appeal, what came of it. */
import { css, html, nothing } from "../vendor/lit.js";
import { askCase, askFigures, closeCase, dossierPath, draftClaim, fileClaim, fulfilCase, handInEvidence, handInReadings, ruleCase } from "../data/cases.js";
import { propose, writeDraft } from "../data/governance.js";
import { sumOf } from "../domain/cases.js";
import { claimRoot, hashEvidence } from "../domain/claim_papers.js";
import { formatEnergy } from "../domain/figures.js";
import { hashWords } from "../domain/proposals.js";
import { writeRoute } from "../domain/routes.js";
import { TypedDataError } from "../domain/typed_data.js";
import { say } from "../i18n/words.js";
import "../components/case_claim_form.js";
import "../components/case_course.js";
import "../components/case_curves.js";
import "../components/case_outcome_form.js";
import { CasePage, caseStyles } from "../components/case_page.js";
import "../components/case_result.js";
import "../components/case_state.js";
import { partyWords, renderDeadline, spanOf } from "../components/case_words.js";
import "../components/file_saver.js";
import { governingStyles } from "../components/governing_page.js";
import { icon } from "../components/icons.js";
import { sharedStyles } from "../components/shared_styles.js";

/** @typedef {import("../domain/cases.js").Case} Case */
/** @typedef {{evidence: File, energy?: number[], readings?: File}} Said */

export class CaseView extends CasePage {
  static properties = { caseId: {}, case: { state: true }, figures: { state: true } };

  static styles = [
    sharedStyles,
    governingStyles,
    caseStyles,
    css`
      .head {
        gap: 8px;
      }
    `,
  ];

  constructor() {
    super();
    this.caseId = "";
    /** @type {Case | null} */
    this.case = null;
    /** @type {import("../data/cases.js").Figures | null} */
    this.figures = null;
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    if (changed.has("caseId") && changed.get("caseId")) void this.load();
  }

  /** @param {AbortSignal} signal */
  async fetch(signal) {
    const [found, figures] = await Promise.all([askCase(this.caseId, signal), askFigures(this.caseId, signal)]);
    if (signal.aborted) return;
    this.case = found;
    this.figures = figures;
  }

  /** Sum that was settled; null where nothing is in force. */
  get settled() {
    return this.figures?.settled ? sumOf(this.figures.settled) : null;
  }

  get when() {
    return this.case ? spanOf(this.case, this.zone, this.locale) : "";
  }

  /** @param {Said} said */
  claim(said) {
    return this.attempt(async () => {
      const found = this.case;
      if (!found) return null;
      const { evidence } = await handInEvidence(found.id, said.evidence);
      const kept = said.readings ? await handInReadings(found.id, said.readings) : null;
      const energy = kept?.energy ?? said.energy ?? [];
      const paper = await draftClaim(found.id, kept ? { evidence, readings: kept.readings } : { evidence, energy });
      const { message } = paper.typed_data;
      const shown = hashEvidence(paper.salt, new Uint8Array(await said.evidence.arrayBuffer()));
      const root = claimRoot({ community: String(message["community"]), number: found.number, slot: found.slot, key: paper.claim_key, energy });
      const due = { caseId: found.number, party: ["consumer", "provider", "operator"].indexOf(found.you ?? ""), readings: root, evidence: shown };
      const facts = /** @type {[string, string][]} */ ([
        [say("case.point"), found.metering_point],
        [say("case.time"), this.when],
        [say("case.claim.measured"), formatEnergy(sumOf(energy), this.locale, 3)],
        [say("case.claim.evidence"), said.evidence.name],
      ]);
      const signed = await this.signPaper(paper, { type: "Claim", message: due, lead: say("case.claim.lead"), facts });
      if (!signed) return null;
      await fileClaim(found.id, signed);
      await this.load();
      void this.leadTo("#course");
      return "case.claim.filed";
    });
  }

  /** @param {{party: "consumer" | "provider" | "operator" | "nobody", text: string}} outcome */
  rule({ party, text }) {
    return this.attempt(async () => {
      await ruleCase(this.caseId, { party, reasons: text });
      await this.load();
      void this.leadTo("#course");
      return "case.ruled";
    });
  }

  /** @param {{party: string, text: string}} outcome */
  appeal({ party, text }) {
    return this.attempt(async () => {
      const written = await writeDraft(this.community, { kind: "appeal", case: this.case?.number, party, text });
      if (written.text !== text || hashWords(written.salt, text) !== written.text_hash) throw new TypedDataError("the words are others");
      const message = { member: this.account, text: written.text_hash, rehearsal: written.rehearsal_hash };
      const asked = { kind: /** @type {const} */ ("appeal"), matter: { case: this.case?.number ?? -1, party }, names: [] };
      const signed = await this.sign(written.typed_data, { type: "Propose", message, lead: say("case.appeal.lead"), asked });
      if (!signed) return null;
      const proposal = await propose(this.community, { draft: written.draft, account: signed.address, signature: signed.signature });
      location.hash = writeRoute("governance", proposal.id);
      return null;
    });
  }

  /** @param {(id: string) => Promise<Case>} step @param {string} done */
  take(step, done) {
    return this.attempt(async () => {
      await step(this.caseId);
      await this.load();
      return done;
    });
  }

  render() {
    const found = this.case;
    if (!this.loaded || !found || this.error) return this.renderMissing(say("disputes.title"), "loading.case");
    return html`<div class="page">
      <header class="stack head">
        <p class="small"><a href=${writeRoute("disputes")}>${say("case.back")}</a></p>
        <h1>${say("case.title", { number: found.number, when: this.when })}</h1>
        <p class="soft">${say("case.of", { name: this.people[found.participant] ?? found.participant, point: found.metering_point })}</p>
        <div class="row">
          <partage-case-state .state=${found.state}></partage-case-state>
          ${renderDeadline(found, this.zone, this.retry)}
        </div>
      </header>
      ${this.renderEnd(found)} ${this.renderCurves(found)}
      <section class="card">
        <h2 id="course" tabindex="-1">${say("case.course")}</h2>
        <partage-case-course .case=${found} .settled=${this.settled} .zone=${this.zone}></partage-case-course>
        ${this.renderDue(found)}
      </section>
      ${found.may.includes("rule") ? this.renderRuling(found) : nothing} ${found.may.includes("claim") ? this.renderClaim(found) : nothing}
      ${found.may.includes("appeal") ? this.renderAppeal(found) : nothing} ${this.renderDossier(found)} ${this.renderOutcome()}
    </div>`;
  }

  /** @param {Case} found */
  renderEnd(found) {
    if (found.state !== "fulfilled" || found.you !== "consumer") return nothing;
    return html`<partage-case-result .community=${this.community} .label=${found.label} .zone=${this.zone}></partage-case-result>`;
  }

  /** @param {Case} found */
  renderCurves(found) {
    const { figures } = this;
    if (!figures || (!figures.settled && figures.claims.length === 0)) return nothing;
    const begin = Date.parse(figures.start) / 1000;
    const starts = Array.from({ length: found.intervals + 1 }, (_, i) => begin + i * figures.resolution_minutes * 60);
    const settled = figures.settled ? [{ name: "settled", label: say("case.settled"), values: figures.settled }] : [];
    const claims = figures.claims.map(({ party, energy }) => ({ name: party, label: partyWords(party, found.you), values: energy }));
    return html`<section class="card">
      <h2>${say(claims.length > 0 ? "case.curves" : "case.curves.settled")}</h2>
      <partage-case-curves .starts=${starts} .series=${[...settled, ...claims]} .zone=${this.zone} .label=${say("case.curves")}></partage-case-curves>
    </section>`;
  }

  /** Steps that anybody in the case may take now. @param {Case} found */
  renderDue({ may, state, proposal }) {
    const vote = state === "appealed" && proposal ? html`<a class="button" href=${writeRoute("governance", proposal)}>${icon("votes")}${say("case.appeal.read")}</a>` : nothing;
    const close = may.includes("close") ? html`<button type="button" ?disabled=${this.working} @click=${() => this.take(closeCase, "case.closed")}>${say(state === "appealed" ? "case.close.appeal" : "case.close")}</button>` : nothing;
    const fulfil = may.includes("fulfil") ? html`<button type="button" class="primary" ?disabled=${this.working} @click=${() => this.take(fulfilCase, "case.fulfilled")}>${icon("final")}${say(this.working ? "case.working" : "case.fulfil")}</button>` : nothing;
    if (vote === nothing && close === nothing && fulfil === nothing) return nothing;
    const hint = may.includes("fulfil") ? "case.fulfil.hint" : state === "appealed" ? "case.close.appeal.hint" : "case.close.hint";
    return html`<p class="small soft">${say(hint)}</p>
      <div class="actions">${vote} ${close} ${fulfil}</div>`;
  }

  /** @param {Case} found */
  renderRuling(found) {
    return html`<section class="card">
      <h2>${say("case.rule.title")}</h2>
      <p class="soft">${say("case.rule.lead")}</p>
      <partage-case-outcome-form kind="ruling" .case=${found} ?working=${this.working} @outcome=${(/** @type {CustomEvent} */ event) => this.rule(event.detail)}></partage-case-outcome-form>
    </section>`;
  }

  /** @param {Case} found */
  renderClaim(found) {
    const again = found.claims.some(({ party }) => party === found.you);
    const seated = found.you !== "consumer" || this.account !== "";
    return html`<section class="card">
      <h2>${say(again ? "case.claim.title.again" : "case.claim.title")}</h2>
      <p class="soft">${say("case.claim.text")}</p>
      ${seated
        ? html`<partage-case-claim-form .figures=${this.figures} .zone=${this.zone} ?again=${again} ?working=${this.working} @claim=${(/** @type {CustomEvent} */ event) => this.claim(event.detail)}></partage-case-claim-form>`
        : html`<p>${say("governance.unseated")}</p><div><a class="button" href=${writeRoute("account", "keys")}>${say("governance.make_key")}</a></div>`}
    </section>`;
  }

  /** @param {Case} found */
  renderDossier({ id, number }) {
    const files = /** @type {const} */ ([["json", "application/json"], ["pdf", "application/pdf"]]);
    return html`<section class="card">
      <h2>${say("case.dossier")}</h2>
      <p class="soft">${say("case.dossier.text")}</p>
      <div class="actions">
        ${files.map(
          ([ending, type]) => html`<partage-file-saver
            .path=${dossierPath(id, ending, this.locale)}
            .forms=${[{ name: `case-${number}.${ending}`, type, words: `case.dossier.${ending}` }]}
          ></partage-file-saver>`,
        )}
      </div>
    </section>`;
  }

  /** @param {Case} found */
  renderAppeal(found) {
    if (!this.governance?.open || !this.account) return nothing;
    return html`<section class="card">
      <h2>${say("case.appeal.title")}</h2>
      <p class="soft">${say("case.appeal.text.lead")}</p>
      <partage-case-outcome-form kind="appeal" .case=${found} .except=${found.ruling?.prevailing ?? ""} ?working=${this.working} @outcome=${(/** @type {CustomEvent} */ event) => this.appeal(event.detail)}></partage-case-outcome-form>
    </section>`;
  }
}

customElements.define("partage-case", CaseView);
