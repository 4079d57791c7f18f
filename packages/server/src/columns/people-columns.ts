import type { Question } from '@labelwright/core/model/schema';
import { peoplesAnswer } from '../present-answer.ts';
import type { LabelSets } from './label-sets.ts';

/** An item that somebody touched, as the database has it. */
export interface TouchedItem {
  readonly ordinal: number;
  readonly answered: number;
  readonly flagged: boolean;
  /** What each person says at present. */
  readonly said: readonly {
    readonly person: number;
    readonly kind: 'answer' | 'skip' | 'flag';
    readonly labels: readonly string[] | null;
  }[];
}

/** What people say of one question, a number per ordinal, and who has had their say where others are still wanted. */
export class PeopleColumns {
  /** People who answered. */
  answered = new Uint8Array(0);
  flagged = new Uint8Array(0);
  /** Codes of label sets; 0: nobody answered. */
  answer = new Int32Array(0);
  /** Items on which people are of two minds: the machine decides. */
  readonly tied = new Map<number, readonly (readonly string[])[]>();
  private readonly spoken = new Map<number, Set<number>>();
  private readonly speakers = new Map<number, readonly number[]>();
  private readonly question: Question;
  private readonly sets: LabelSets;

  constructor(question: Question, sets: LabelSets) {
    this.question = question;
    this.sets = sets;
  }

  grow(n: number): void {
    if (n <= this.answered.length) return;
    this.answered = enlarged(this.answered, new Uint8Array(n));
    this.flagged = enlarged(this.flagged, new Uint8Array(n));
    this.answer = enlarged(this.answer, new Int32Array(n));
  }

  accept({ ordinal, answered, flagged, said }: TouchedItem, overlap: number): void {
    this.answered[ordinal] = Math.min(answered, 255);
    this.flagged[ordinal] = flagged ? 1 : 0;
    for (const person of this.speakers.get(ordinal) ?? []) this.spoken.get(person)?.delete(ordinal);
    const speakers = answered < overlap ? said.map(({ person }) => person) : [];
    if (speakers.length > 0) this.speakers.set(ordinal, speakers);
    else this.speakers.delete(ordinal);
    for (const person of speakers) this.spokenBy(person).add(ordinal);
    this.answer[ordinal] = this.codeOf(
      ordinal,
      said.flatMap(({ kind, labels }) => (kind === 'answer' ? [labels ?? []] : [])),
    );
  }

  /** The posterior of a tied item has come, or another. */
  settleTie(ordinal: number, posterior: readonly number[] | null): void {
    const said = this.tied.get(ordinal);
    if (said) this.answer[ordinal] = this.sets.codeOf(peoplesAnswer(this.question, said, posterior).labels);
  }

  /** Items that want more answers, but no more from this person. */
  spokenBy(person: number): Set<number> {
    let ordinals = this.spoken.get(person);
    if (!ordinals) this.spoken.set(person, (ordinals = new Set()));
    return ordinals;
  }

  private codeOf(ordinal: number, said: readonly (readonly string[])[]): number {
    this.tied.delete(ordinal);
    if (said.length === 0) return 0;
    const { labels, tied } = peoplesAnswer(this.question, said);
    if (tied) this.tied.set(ordinal, said);
    return this.sets.codeOf(labels);
  }
}

function enlarged<Column extends { set(from: Column): void }>(from: Column, to: Column): Column {
  to.set(from);
  return to;
}
