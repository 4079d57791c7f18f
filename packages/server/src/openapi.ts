import { api, type RouteName } from '@labelwright/contract/api';
import { apiError } from '@labelwright/contract/common';
import type { Route } from '@labelwright/contract/route';
import { z } from 'zod';
import { access, type Rule } from './access.ts';

/** The API as OpenAPI 3.1, made of the schemas that check its calls. */
export function openApi(names: readonly RouteName[], version: string): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const name of names) {
    const route: Route = api[name];
    const path = route.path.replace(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(name, route) };
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Labelwright', version, license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
    paths,
    components: {
      schemas: { Error: jsonSchema(apiError, 'output') },
      securitySchemes: { token: { type: 'http', scheme: 'bearer', description: 'An API token: `lw_…`' } },
    },
  };
}

function operation(name: RouteName, route: Route): object {
  const rule: Rule = access[name];
  const fault = { content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } } };
  return {
    operationId: name,
    summary: route.summary,
    tags: [route.path.split('/')[route.path.startsWith('/api/projects/:project/') ? 4 : 2] ?? 'system'],
    description: `For: ${rule.who}.`,
    parameters: [...parametersOf('path', route.params), ...parametersOf('query', route.query)],
    ...(route.body && { requestBody: { required: true, content: { 'application/json': { schema: jsonSchema(route.body, 'input') } } } }),
    responses: {
      200: {
        description: route.summary,
        ...(route.reply && { content: { 'application/json': { schema: jsonSchema(route.reply, 'output') } } }),
      },
      '4XX': { description: 'What is wrong, and what to do', ...fault },
    },
    security: rule.who === 'anyone' ? [] : [{ token: [] }],
  };
}

function parametersOf(where: 'path' | 'query', schema: z.ZodType | undefined): object[] {
  if (!schema) return [];
  const { properties = {}, required = [] } = jsonSchema(schema, 'input') as { properties?: Record<string, object>; required?: string[] };
  return Object.entries(properties).map(([name, inner]) => ({
    name,
    in: where,
    required: where === 'path' || required.includes(name),
    schema: inner,
  }));
}

function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): object {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
  return rest;
}
