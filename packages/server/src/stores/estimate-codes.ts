/** What `estimates.decision` says, by number. */
export const decisions = ['no-votes', 'uncertain', 'accepted'] as const;
export type MachineDecision = (typeof decisions)[number];

export const acceptedCode: number = decisions.indexOf('accepted');
