import { Radio } from '@mantine/core';
import { useId } from 'react';
import { messageOf } from '../api.ts';
import { type ExportChoice, useExportPreview, useWritableFormats } from '../state/exports.ts';
import classes from './format-tiles.module.css';

interface FormatTilesProps {
  readonly project: number;
  readonly choice: ExportChoice;
  readonly onChoose: (format: string) => void;
}

/** A tile per format, each with what it would lose of the present choice. */
export function FormatTiles({ project, choice, onChoose }: FormatTilesProps) {
  const formats = useWritableFormats();
  return (
    <Radio.Group aria-label="Format" value={choice.format} onChange={onChoose}>
      <div className={classes.tiles}>
        {(formats.data ?? []).map((format) => (
          <Tile key={format.name} project={project} format={format} choice={{ ...choice, format: format.name }} />
        ))}
      </div>
    </Radio.Group>
  );
}

interface TileProps {
  readonly project: number;
  readonly format: { readonly name: string; readonly title: string; readonly summary: string };
  readonly choice: ExportChoice;
}

function Tile({ project, format: { name, title, summary }, choice }: TileProps) {
  const preview = useExportPreview(project, choice, 500);
  const id = useId();
  const lost = preview.data?.losses ?? [];
  return (
    <Radio.Card value={name} className={classes.tile} aria-label={title} aria-describedby={`${id}-summary ${id}-loss`}>
      <span className={classes.title}>
        <Radio.Indicator size="xs" aria-hidden /> {title}
      </span>
      <span id={`${id}-summary`} className={classes.summary}>
        {summary}
      </span>
      <span id={`${id}-loss`} className={classes.loss} data-lossy={lost.length > 0 || preview.error !== null || undefined}>
        {lossLine(lost, preview.data !== undefined, preview.error)}
      </span>
    </Radio.Card>
  );
}

function lossLine(losses: readonly { what: string }[], isKnown: boolean, error: Error | null): string {
  if (error) return `cannot say what it would lose: ${messageOf(error)}`;
  if (!isKnown) return ' ';
  if (losses.length === 0) return 'loses nothing';
  return losses.length === 1 ? losses[0].what : `${losses[0].what}; and ${losses.length - 1} more`;
}
