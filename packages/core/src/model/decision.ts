/** What happens to an item's label next. */
export type Decision =
  /** Good enough for the target error; `certified` only where an audit proved it. */
  | { readonly kind: 'accepted'; readonly certified: boolean }
  /** A person (or another labeler) should be asked, and why. */
  | { readonly kind: 'ask'; readonly reason: 'no-votes' | 'uncertain' };
