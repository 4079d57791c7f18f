import type { ItemDetail } from '@labelwright/contract/items';
import classes from './evidence-list.module.css';
import { LabelChip, labelStyle } from './label-chip.tsx';
import { percent } from './numbers.tsx';
import type { Question } from '../state/label-tree.ts';

interface EvidenceListProps {
  readonly evidence: NonNullable<ItemDetail['evidence']>;
  readonly question: Question;
  /** Called with the labeler that is pointed at, or nothing. */
  readonly onPoint?: (labeler: string | undefined) => void;
}

/** Who voted what, how far they are trusted, and why. The most trusted first. */
export function EvidenceList({ evidence, question, onPoint }: EvidenceListProps) {
  if (evidence.length === 0) return <p className={classes.none}>No labeler has voted on this item.</p>;
  const votes = evidence.toSorted((a, b) => (b.accuracy ?? 0) - (a.accuracy ?? 0));
  return (
    <ul className={classes.list}>
      {votes.map((vote, index) => (
        <li
          // oxlint-disable-next-line react/no-array-index-key -- two people may have one name
          key={`${vote.labeler} ${index}`}
          className={classes.vote}
          style={labelStyle(question, vote.labels[0])}
          onPointerEnter={() => onPoint?.(vote.labeler)}
          onPointerLeave={() => onPoint?.(undefined)}
        >
          <div className={classes.head}>
            <span className={classes.labeler} title={`${vote.labeler} (${vote.kind})`}>
              {vote.labeler}
            </span>
            <span className={classes.said}>
              {vote.labels.length === 0 && <span className={classes.none}>none applies</span>}
              {vote.labels.map((label) => (
                <LabelChip key={label} question={question} label={label} />
              ))}
            </span>
            <Trust accuracy={vote.accuracy} confidence={vote.confidence} />
          </div>
          {vote.reason !== undefined && (
            <div className={classes.reason} dir="auto" title={vote.reason}>
              {vote.reason}
            </div>
          )}
        </li>
      ))}
    </ul>
  );
}

function Trust({ accuracy, confidence }: { accuracy: number | null; confidence: number | undefined }) {
  if (accuracy === null)
    return (
      <span className={classes.trust} title="How often it is right is not known yet: run the labelers">
        –
      </span>
    );
  const own = confidence === undefined ? '' : `; it says itself that it is ${percent(confidence)} sure`;
  return (
    <span className={classes.trust} title={`Estimated to be right in ${percent(accuracy)} of its votes${own}`}>
      {Math.round(accuracy * 100)} %
    </span>
  );
}
