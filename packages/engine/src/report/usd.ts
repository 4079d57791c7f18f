/** `$12.30`; of less than a dollar the first two digits that say something: `$0.00042`. */
export function usd(amount: number): string {
  const digits = amount <= 0 || amount >= 0.995 ? 2 : Math.min(12, 1 - Math.floor(Math.log10(amount)));
  return `$${amount.toFixed(digits)}`;
}
