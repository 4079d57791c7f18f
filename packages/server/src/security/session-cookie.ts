/** Over https the browser itself makes sure that no other host or path can set it. */
const nameOf = (isSecure: boolean): string => (isSecure ? '__Host-labelwright' : 'labelwright');

export function readSessionCookie(header: string | undefined, isSecure: boolean): string | undefined {
  const start = `${nameOf(isSecure)}=`;
  const pair = header
    ?.split(';')
    .map((part) => part.trim())
    .find((part) => part.startsWith(start));
  return pair === undefined || pair.length === start.length ? undefined : pair.slice(start.length);
}

/** The page itself needs no session, only its calls do, and those are never cross-site: so Strict costs nobody a second login. */
export function sessionCookie(token: string, isSecure: boolean, maxAgeSeconds: number): string {
  return `${nameOf(isSecure)}=${token}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${maxAgeSeconds}${isSecure ? '; Secure' : ''}`;
}

export function endedSessionCookie(isSecure: boolean): string {
  return sessionCookie('', isSecure, 0);
}
