import { useEffect, useRef } from 'react';
import { takesKeys } from './takes-keys.ts';

/** Keys anywhere on the page, unless what has the focus takes them. @param press says whether the key did something */
export function usePageKeys(press: (event: KeyboardEvent) => boolean): void {
  const latest = useRef(press);
  useEffect(() => {
    latest.current = press;
  });
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.isComposing || takesKeys(event)) return;
      if (latest.current(event)) event.preventDefault();
    };
    window.addEventListener('keydown', listen);
    return () => window.removeEventListener('keydown', listen);
  }, []);
}
