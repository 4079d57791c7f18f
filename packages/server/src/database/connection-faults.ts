import { CoreError, reasonOf } from '@labelwright/core/model/errors';

const noHost = 'socket.invalid';

/** An address of PostgreSQL may have a user and no host (`postgres://ada@/labels?host=/run/postgresql`), which a URL may not. */
export function parseAddress(address: string): URL | undefined {
  const url = address.replace(/^(postgres(?:ql)?:\/\/[^/?#]*@)(?=[/?]|$)/, `$1${noHost}`);
  return /^postgres(ql)?:\/\//.test(url) && URL.canParse(url) ? new URL(url) : undefined;
}

/** `postgres://ada@db.example:5432/labels`: everything of an address but its password. */
export function withoutPassword(address: string): string {
  const url = parseAddress(address);
  if (!url) return 'address';
  const host = url.hostname === noHost || url.host === '' ? (url.searchParams.get('host') ?? '') : url.host;
  return `${url.protocol}//${url.username ? `${url.username}@` : ''}${host}${url.pathname}`;
}

const advice: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nobody listens there: start PostgreSQL, or correct host and port',
  ENOENT: 'there is no such socket: start PostgreSQL, or correct the host',
  ENOTFOUND: 'there is no host of that name: correct the host',
  EAI_AGAIN: 'the name server does not answer: try again, or give the host as a number',
  ETIMEDOUT: 'no answer: check the host, the port and the firewall',
  EHOSTUNREACH: 'no way to that host: check the host and the network',
  ENETUNREACH: 'no way to that network: check the host and the network',
  '28P01': 'the user or the password is wrong: correct them (write special characters of a password as %40 and so on)',
  '28000': 'the server does not let this user in from here: see its pg_hba.conf; if it wants TLS, add ?sslmode=require to the address',
  '3D000': 'there is no such database: create it (createdb), or correct the name at the end of the address',
  '53300': 'the server has no connection left: raise its max_connections, or close others',
  '57P03': 'the server is starting or stopping: try again in a moment',
  'no-tls': 'the server speaks no TLS: remove sslmode from the address',
  '42501': 'this user lacks the right: make it the owner of the database',
  '08P01': 'this looks like a connection pooler: give the address of PostgreSQL itself (a pooler in transaction mode cannot LISTEN)',
  DEPTH_ZERO_SELF_SIGNED_CERT: "the server's certificate is its own: add ?sslmode=no-verify to the address, or sslrootcert=FILE",
  SELF_SIGNED_CERT_IN_CHAIN: "the server's certificate is of an unknown authority: add ?sslrootcert=FILE to the address",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "the server's certificate is of an unknown authority: add ?sslrootcert=FILE to the address",
};

/** A failed connection in words of what to do. The cause is left out: it may carry the address with its password. */
export function connectionFault(error: unknown, where: string): CoreError {
  const code = codeOf(error);
  const text = advice[code] ?? reasonOf(error);
  return new CoreError('database-unreachable', `database ${where}: ${text}`, { reason: code });
}

/** `localhost` is tried at several addresses: the reason is in the first fault. */
function codeOf(error: unknown): string {
  const inner = error instanceof AggregateError ? (error.errors as unknown[])[0] : error;
  const { code, message } = inner as { code?: unknown; message?: unknown };
  if (typeof code === 'string') return code;
  if (typeof message === 'string' && /timeout/i.test(message)) return 'ETIMEDOUT';
  return typeof message === 'string' && message.includes('does not support SSL') ? 'no-tls' : '';
}
