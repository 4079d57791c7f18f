import { labelColor } from '@labelwright/core/model/palette';
import { Popover, UnstyledButton } from '@mantine/core';
import { useState } from 'react';
import classes from './color-choice.module.css';

const colorNames = ['blue', 'orange', 'green', 'pink', 'cyan', 'yellow', 'violet', 'red'];
const palette = Array.from({ length: 16 }, (_, position) => ({
  name: `${position < 8 ? '' : 'pale '}${colorNames[position % 8]}`,
  color: labelColor(undefined, position),
}));

/** The colour of a label, and a choice of others that lie as far apart. */
export function ColorChoice({ name, color, onChoose }: { name: string; color: string; onChoose: (color: string) => void }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <Popover opened={isOpen} onChange={setOpen} position="bottom-start" trapFocus withRoles={false}>
      <Popover.Target>
        <UnstyledButton
          className={classes.swatch}
          style={{ '--label': color }}
          aria-label={`Colour of ${name}`}
          aria-expanded={isOpen}
          onClick={() => setOpen(!isOpen)}
        />
      </Popover.Target>
      <Popover.Dropdown>
        <div className={classes.colors} role="group" aria-label={`Colours for ${name}`}>
          {palette.map((each) => (
            <UnstyledButton
              key={each.name}
              className={classes.swatch}
              style={{ '--label': each.color }}
              aria-label={each.name}
              aria-pressed={each.color === color}
              onClick={() => {
                onChoose(each.color);
                setOpen(false);
              }}
            />
          ))}
        </div>
      </Popover.Dropdown>
    </Popover>
  );
}
