import type { Audit, AuditPlan } from '@labelwright/contract/quality';
import { useQuery } from '@tanstack/react-query';
import { api, keys, queries } from '../api.ts';
import { showFault } from '../design/toasts.tsx';

export function useAudits(project: number, question: string) {
  return useQuery({
    queryKey: [...keys.audits(project), question],
    queryFn: () => api.listAudits({ params: { project }, query: { question } }),
  });
}

/** What is asked of an audit, before it is one. */
export interface AuditTerms {
  readonly targetError: number;
  readonly confidence: number;
  /** Undefined: as many looks as it takes, each with less of the risk. */
  readonly plannedLooks: number | undefined;
}

export function useAuditPlan(project: number, question: string, terms: AuditTerms) {
  const { targetError, confidence, plannedLooks } = terms;
  return useQuery({
    queryKey: [...keys.audits(project), 'plan', question, terms],
    queryFn: () =>
      api.planAudit({
        params: { project },
        query: { question, targetError, confidence, ...(plannedLooks !== undefined && { plannedLooks }) },
      }),
    placeholderData: (before: AuditPlan | undefined) => before,
  });
}

export async function startAudit(project: number, question: string, terms: AuditTerms, size: number): Promise<Audit | undefined> {
  const { plannedLooks, ...rest } = terms;
  return change(project, () =>
    api.startAudit({ params: { project }, body: { question, size, ...rest, ...(plannedLooks !== undefined && { plannedLooks }) } }),
  );
}

export function extendAudit(project: number, audit: number, size: number): Promise<Audit | undefined> {
  return change(project, () => api.extendAudit({ params: { project, audit }, body: { size } }));
}

export function cancelAudit(project: number, audit: number): Promise<Audit | undefined> {
  return change(project, () => api.cancelAudit({ params: { project, audit } }));
}

async function change(project: number, act: () => Promise<Audit>): Promise<Audit | undefined> {
  try {
    return await act();
  } catch (error) {
    showFault(error);
    return undefined;
  } finally {
    await Promise.all(
      [keys.audits(project), keys.overview(project)].map((queryKey) => queries.invalidateQueries({ queryKey, refetchType: 'active' })),
    );
  }
}
