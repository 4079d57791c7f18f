import { certify } from '@labelwright/core/audits/certificate';
import type { Context } from '../context.ts';
import { audit as log } from '../stores/audit.ts';
import { addCertificate, addLook, type AuditRow, findAudit, findingsOf, lockAudit, nextLookAt, poolOf } from '../stores/audits.ts';

/** Takes a look, where all items that it is to cover are answered, and gives the certificate where it proves something. Called again, it does nothing:
 *  a process that dies between the last answer and the look leaves it to the next call. */
export async function concludeAudit({ db, events }: Context, project: number, id: number): Promise<void> {
  const seen = await findAudit(db, project, id);
  if (!seen || !(await isDue(seen))) return;
  await db.transaction().execute(async (transaction) => {
    await lockAudit(transaction, id);
    const row = await findAudit(transaction, project, id);
    if (!row || !(await isDue(row))) return;
    const looked = nextLookAt(row) ?? 0;
    const pool = await poolOf(transaction, id);
    const findings = await findingsOf(transaction, id, looked);
    const items = Array.from(pool.ordinals, String);
    const right = 'right';
    const report = certify(
      { items, labels: items.map(() => right), probability: Float64Array.from(pool.probabilities, (p) => Math.min(1, p)) },
      // What people could not tell counts as wrong: the promise is of labels that somebody confirmed.
      findings.map(({ ordinal, outcome }) => ({ item: String(ordinal), label: outcome ?? 'unclear' })),
      {
        targetError: row.target_error,
        confidence: row.confidence,
        look: row.looks_before + row.looks.length + 1,
        ...(row.planned_looks !== null && { plannedLooks: row.planned_looks }),
      },
    );
    const { certificate } = report;
    const isCertified = certificate.kind === 'certified';
    const isLast = looked >= row.drawn;
    const state = isCertified ? 'certified' : isLast ? 'not-certified' : 'open';
    const look = {
      look: report.look,
      audited: report.audited,
      wrong: report.wrong,
      unclear: findings.filter(({ outcome }) => outcome === 'unclear').length,
      riskSpent: report.riskSpent,
      certified: isCertified,
      text: report.text,
      accuracy: report.accuracy,
      moreAudits: certificate.kind === 'not-certified' ? (certificate.moreAudits ?? null) : null,
      time: new Date().toISOString(),
    };
    await addLook(transaction, row, look, looked, state);
    if (certificate.kind === 'certified')
      await addCertificate(transaction, {
        project_id: project,
        audit_id: id,
        run_id: row.run_id,
        question: row.question,
        text: report.text,
        pool: row.pool,
        accepted: certificate.accepted,
        threshold: certificate.threshold,
        audited: certificate.audited,
        wrong: certificate.wrong,
        bound: row.target_error,
        confidence: row.confidence,
        look: report.look,
        risk_spent: report.riskSpent,
        seed: row.seed,
      });
    await events.publish(transaction, project, { kind: 'audit', audit: id, state, answered: row.answered });
    await log(transaction, {
      action: 'audit.look',
      project,
      details: { audit: id, look: report.look, audited: report.audited, wrong: report.wrong, certified: isCertified },
    });
  });

  async function isDue(row: AuditRow): Promise<boolean> {
    const until = row.state === 'open' ? nextLookAt(row) : null;
    if (until === null || row.answered < until) return false;
    return (await findingsOf(db, id, until)).every(({ outcome }) => outcome !== null);
  }
}
