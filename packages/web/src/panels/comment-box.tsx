import type { ItemDetail } from '@labelwright/contract/items';
import { type Ref, useState } from 'react';
import { Moment } from '../design/moment.tsx';
import classes from './comment-box.module.css';

interface CommentBoxProps {
  readonly comments: ItemDetail['comments'];
  /** Comments that are on their way. */
  readonly own: readonly { readonly id: string; readonly text: string }[];
  /** What was being written, before. */
  readonly draft: string;
  readonly onWrite?: (text: string) => void;
  readonly onSend: (text: string) => void;
  readonly inputRef?: Ref<HTMLTextAreaElement>;
}

/** Remarks on an item, and a line to add one. Enter sends, Shift+Enter breaks the line, Esc leaves. Give it the item as its key. */
export function CommentBox({ comments, own, draft, onWrite, onSend, inputRef }: CommentBoxProps) {
  const [text, setText] = useState(draft);
  const write = (next: string) => {
    setText(next);
    onWrite?.(next);
  };
  // Those that have arrived in the meantime come back with the item.
  const onTheirWay = own.filter(({ text }) => !comments.some((comment) => comment.text === text));
  return (
    <section className={classes.box} aria-label="Comments">
      {comments.map(({ id, person, text, createdAt }) => (
        <p key={id} className={classes.comment}>
          <b>{person}</b> <span dir="auto">{text}</span>{' '}
          <small>
            <Moment time={createdAt} />
          </small>
        </p>
      ))}
      {onTheirWay.map(({ id, text }) => (
        <p key={id} className={classes.comment}>
          <b>You</b> <span dir="auto">{text}</span>
        </p>
      ))}
      <textarea
        ref={inputRef}
        className={classes.input}
        rows={1}
        maxLength={4_000}
        placeholder="Comment  (C)"
        aria-label="Comment"
        dir="auto"
        value={text}
        onChange={(event) => write(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === 'Escape') event.currentTarget.blur();
          if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
          event.preventDefault();
          event.stopPropagation();
          if (text.trim() !== '') onSend(text);
          setText('');
          event.currentTarget.blur();
        }}
      />
    </section>
  );
}
