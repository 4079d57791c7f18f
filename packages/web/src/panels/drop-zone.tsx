import { Button, Text } from '@mantine/core';
import { type DragEvent, useRef, useState } from 'react';
import classes from './drop-zone.module.css';

export const acceptedFiles = '.csv,.tsv,.txt,.jsonl,.ndjson,.json,.xlsx,.gz';

interface DropZoneProps {
  readonly onFile: (file: File) => void;
  readonly title: string;
  readonly hint: string;
  readonly isSmall?: boolean;
}

/** A file, dropped or chosen. */
export function DropZone({ onFile, title, hint, isSmall = false }: DropZoneProps) {
  const input = useRef<HTMLInputElement>(null);
  const [isOver, setOver] = useState(false);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    const [file] = event.dataTransfer.files;
    if (file) onFile(file);
  };
  return (
    <div
      className={classes.zone}
      data-over={isOver || undefined}
      data-small={isSmall || undefined}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <Text fw={550}>{title}</Text>
      <Text size="sm" c="dimmed">
        {hint}
      </Text>
      <Button variant="default" onClick={() => input.current?.click()}>
        Choose a file
      </Button>
      <input
        ref={input}
        type="file"
        hidden
        accept={acceptedFiles}
        aria-label="File with items"
        onChange={(event) => {
          const [file] = event.currentTarget.files ?? [];
          event.currentTarget.value = '';
          if (file) onFile(file);
        }}
      />
    </div>
  );
}
