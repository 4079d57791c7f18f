import { Table, Text } from '@mantine/core';
import { count } from '../design/numbers.tsx';

interface Problem {
  readonly file?: string | undefined;
  readonly line?: number | undefined;
  readonly key?: string | undefined;
  readonly message: string;
}

/** What could not be read of a file, by line. The rest of the file is none the worse for it. */
export function ProblemList({ problems, total = problems.length }: { problems: readonly Problem[]; total?: number }) {
  return (
    <>
      <Table withRowBorders={false} verticalSpacing={4} aria-label="Problems">
        <Table.Thead>
          <Table.Tr>
            <Table.Th w={80}>Line</Table.Th>
            <Table.Th w={140}>Column</Table.Th>
            <Table.Th>What is wrong</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {problems.map(({ line, key, message }, index) => (
            <Table.Tr key={index}>
              <Table.Td>{line === undefined ? '–' : count(line)}</Table.Td>
              <Table.Td>{key ?? '–'}</Table.Td>
              <Table.Td>{message}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {total > problems.length && (
        <Text size="xs" c="dimmed">
          and {count(total - problems.length)} more of their kind
        </Text>
      )}
    </>
  );
}
