import { type ReactNode, useEffect, useState } from 'react';

/** What stands in for something that loads, shown only when it takes longer than a person would notice. */
export function Later({ children, afterMs = 300 }: { children: ReactNode; afterMs?: number }) {
  const [isShown, setShown] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setShown(true), afterMs);
    return () => clearTimeout(timer);
  }, [afterMs]);
  return isShown ? children : null;
}
