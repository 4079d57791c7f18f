import type { Api } from '@labelwright/contract/api';
import type { Connection } from '@labelwright/contract/llm';
import type { BodyOf } from '@labelwright/contract/route';
import { useQuery } from '@tanstack/react-query';
import { api, keys, queries } from '../api.ts';
import { showDone } from '../design/toasts.tsx';

export type Provider = Connection['provider'];
export type NewConnection = BodyOf<Api['createConnection']>;

export const providers: readonly { readonly value: Provider; readonly title: string; readonly note: string; readonly model: string }[] = [
  { value: 'openai', title: 'OpenAI', note: 'GPT models, with a key from platform.openai.com', model: 'gpt-4.1-mini' },
  { value: 'anthropic', title: 'Anthropic', note: 'Claude models, with a key from console.anthropic.com', model: 'claude-haiku-4-5' },
  { value: 'google', title: 'Google', note: 'Gemini models, with a key from aistudio.google.com', model: 'gemini-2.5-flash' },
  {
    value: 'openai-compatible',
    title: 'OpenAI-compatible',
    note: 'Ollama, vLLM, llama.cpp, LM Studio, or any server that speaks the same language',
    model: '',
  },
];

/** Where these servers answer when they are started as their manuals say. */
export const ownServers = [
  { name: 'Ollama', baseUrl: 'http://127.0.0.1:11434/v1' },
  { name: 'vLLM', baseUrl: 'http://127.0.0.1:8000/v1' },
  { name: 'llama.cpp', baseUrl: 'http://127.0.0.1:8080/v1' },
  { name: 'LM Studio', baseUrl: 'http://127.0.0.1:1234/v1' },
] as const;

export function providerTitle(provider: Provider): string {
  return providers.find(({ value }) => value === provider)?.title ?? provider;
}

/** Whether an address is this machine or a private network, as far as a name tells; the server looks closer. */
export function isNearby(url: string): boolean {
  const host = URL.parse(url)?.hostname ?? '';
  return (
    host === 'localhost' ||
    /\.(local|internal|lan|home\.arpa)$/.test(host) ||
    /^(127|10)\.|^192\.168\.|^172\.(1[6-9]|2\d|3[01])\.|^169\.254\./.test(host) ||
    /^\[(::1|f[cd]|fe80:)/.test(host)
  );
}

export function useConnections(project: number, enabled = true) {
  return useQuery({ queryKey: keys.connections(project), queryFn: () => api.listConnections({ params: { project } }), enabled });
}

function refresh(project: number): Promise<unknown> {
  return queries.invalidateQueries({ queryKey: keys.connections(project) });
}

/** A new one, or the change of one that is there. Without a key the present one stays.  @throws CallError */
export async function saveConnection(project: number, before: Connection | undefined, values: NewConnection): Promise<Connection> {
  const saved = before
    ? await api.updateConnection({ params: { project, connection: before.id }, body: { ...values, version: before.version } })
    : await api.createConnection({ params: { project }, body: values });
  await refresh(project);
  return saved;
}

/** @throws CallError */
export async function deleteConnection(project: number, { id, name }: Connection): Promise<void> {
  await api.deleteConnection({ params: { project, connection: id } });
  showDone(`“${name}” and its key are forgotten`);
  await refresh(project);
}
