export interface ProjectTemplate {
  readonly id: string;
  readonly title: string;
  readonly example: string;
  readonly question: string;
  readonly labels: readonly string[];
  readonly multiple?: boolean;
}

/** Where most projects begin; everything can be changed. */
export const projectTemplates: readonly ProjectTemplate[] = [
  { id: 'own', title: 'Own labels', example: 'any question with a choice', question: 'Which label fits?', labels: [''] },
  {
    id: 'sentiment',
    title: 'Sentiment',
    example: 'positive · neutral · negative',
    question: 'How does the writer feel about it?',
    labels: ['positive', 'neutral', 'negative'],
  },
  {
    id: 'topic',
    title: 'Topic',
    example: 'several at once: politics, sport …',
    question: 'What is it about?',
    labels: ['politics', 'business', 'sport', 'culture', 'science', 'other'],
    multiple: true,
  },
  { id: 'spam', title: 'Spam', example: 'spam · ham', question: 'Is this spam?', labels: ['spam', 'ham'] },
  {
    id: 'intent',
    title: 'Intent',
    example: 'order · complaint · question …',
    question: 'What does the writer want?',
    labels: ['question', 'order', 'complaint', 'cancellation', 'praise', 'other'],
  },
  {
    id: 'rows',
    title: 'Table rows',
    example: 'rows of numbers: ok · suspicious',
    question: 'What kind of row is it?',
    labels: ['ok', 'suspicious'],
  },
];
