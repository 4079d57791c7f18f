import type { ModelPrices } from '@labelwright/contract/llm';
import { ActionIcon, Button, NumberInput, Text, TextInput } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import classes from './connections.module.css';

interface ConnectionPricesProps {
  readonly value: readonly ModelPrices[];
  readonly onChange: (value: ModelPrices[]) => void;
}

const columns = [
  { key: 'inputUsd', title: 'in' },
  { key: 'cachedInputUsd', title: 'in, cached' },
  { key: 'outputUsd', title: 'out' },
] as const;

/** Cached input costs what input does, until somebody says otherwise: too dear a guess is the safe one. */
function priced(row: ModelPrices, key: (typeof columns)[number]['key'], usd: number): Partial<ModelPrices> {
  const follows = key === 'inputUsd' && row.cachedInputUsd === row.inputUsd;
  return { [key]: usd, ...(follows && { cachedInputUsd: usd }) };
}

/** What models cost here, in place of the list that comes with Labelwright. */
export function ConnectionPrices({ value, onChange }: ConnectionPricesProps) {
  const put = (index: number, change: Partial<ModelPrices>) =>
    onChange(value.map((each, at) => (at === index ? { ...each, ...change } : each)));
  return (
    <fieldset style={{ border: 0, margin: 0, padding: 0, minWidth: 0 }}>
      <Text component="legend" size="sm" fw={500} p={0}>
        Prices, in dollars per million tokens
      </Text>
      <Text size="xs" c="dimmed" mb="sm">
        Usual prices are known; what stands here goes before them. The model <code>*</code> means any other. Models on your own machine cost
        nothing unless you say so.
      </Text>
      <div className={classes.prices}>
        {value.length > 0 && (
          <div className={`${classes.price} ${classes.priceHead}`} aria-hidden>
            <span>Model</span>
            {columns.map(({ key, title }) => (
              <span key={key}>{title}</span>
            ))}
            <span />
          </div>
        )}
        {value.map((row, index) => (
          // oxlint-disable-next-line react/no-array-index-key -- rows have no other name while they are typed
          <div key={index} className={classes.price}>
            <TextInput
              aria-label={`Model of price ${index + 1}`}
              placeholder="model"
              value={row.model}
              onChange={({ currentTarget }) => put(index, { model: currentTarget.value })}
            />
            {columns.map(({ key, title }) => (
              <NumberInput
                key={key}
                aria-label={`${row.model || `Price ${index + 1}`}, ${title}`}
                min={0}
                hideControls
                decimalScale={6}
                value={row[key]}
                onChange={(usd) => put(index, priced(row, key, Number(usd) || 0))}
              />
            ))}
            <ActionIcon
              variant="subtle"
              color="gray"
              size={28}
              aria-label={`Remove the price of ${row.model || `row ${index + 1}`}`}
              onClick={() => onChange(value.filter((_, at) => at !== index))}
            >
              <IconX size={14} aria-hidden />
            </ActionIcon>
          </div>
        ))}
        <Button
          variant="default"
          style={{ justifySelf: 'start' }}
          onClick={() => onChange([...value, { model: '', inputUsd: 0, cachedInputUsd: 0, outputUsd: 0 }])}
        >
          Add a price
        </Button>
      </div>
    </fieldset>
  );
}
