// Numbers as each language writes them. Negative numbers get a true minus sign, which aligns with plus.
import type { Interval } from '../../protocol/metrics';
import type { Language } from '../../store/preferences';

export interface Formats {
  /** 0.571 -> 57.1% */
  percent(fraction: number, digits?: number): string;
  /** 0.088 -> +8.8 (percentage points, unit left to the sentence) */
  points(fraction: number, digits?: number): string;
  /** 0.41, 0.67 -> 41–67% */
  range(interval: Interval): string;
  /** 2.5, digits 2 -> +2.50 */
  signed(value: number, digits?: number): string;
  number(value: number, digits?: number): string;
  /** 2440000 -> 2.4M */
  compact(value: number): string;
  /** 252 -> 4 min 12 sec */
  duration(seconds: number): string;
  /** 1740000 -> 1.7 MB */
  megabytes(bytes: number): string;
  /** In the unit that fits: 4.1 MB, 12 kB */
  bytes(bytes: number): string;
  /** 0, or a very small number: 3e−7 */
  tiny(value: number): string;
  /** "= 0.012" or "< 0.001" */
  pValue(p: number): string;
  date(iso: string): string;
}

const PLAIN = {} as const;
const SHORT = { unitDisplay: 'short' } as const;
const SIGNED = { signDisplay: 'exceptZero' } as const;
const PERCENT = { style: 'percent' } as const;
const COMPACT = { notation: 'compact', maximumSignificantDigits: 3 } as const;
const MEGABYTES = { style: 'unit', unit: 'megabyte', unitDisplay: 'short' } as const;

const minus = (text: string) => text.replace(/-/g, '−');

export function formatsFor(language: Language): Formats {
  // Making a formatter costs a hundred times what using it does: each is made once, and found without making anything.
  const made = new Map<string, Intl.NumberFormat[]>();
  const using = (kind: string, digits: number, options: Intl.NumberFormatOptions): Intl.NumberFormat => {
    const ofKind = made.get(kind) ?? [];
    if (ofKind.length === 0) made.set(kind, ofKind);
    ofKind[digits] ??= new Intl.NumberFormat(language, {
      minimumFractionDigits: digits,
      maximumFractionDigits: digits,
      ...options,
    });
    return ofKind[digits];
  };
  const dates = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' });
  const unit = (value: number, name: string) => using(name, 0, { style: 'unit', unit: name, ...SHORT }).format(value);
  const number = (value: number, digits = 0) => minus(using('number', digits, PLAIN).format(value));
  const signed = (value: number, digits = 1) => {
    // Rounded first, so that −0.04 does not become "−0.0".
    const rounded = Number(value.toFixed(digits)) + 0;
    return minus(using('signed', digits, SIGNED).format(rounded));
  };
  return {
    number,
    signed,
    percent: (fraction, digits = 1) => minus(using('percent', digits, PERCENT).format(fraction)),
    points: (fraction, digits = 1) => signed(fraction * 100, digits),
    range: ({ low, high }) => `${number(low * 100)}–${number(high * 100)}%`,
    compact: (value) => using('compact', 0, COMPACT).format(value),
    duration(seconds) {
      const whole = Math.max(0, Math.round(seconds));
      const hours = Math.floor(whole / 3600);
      const minutes = Math.floor((whole % 3600) / 60);
      if (hours > 0) return `${unit(hours, 'hour')}\u00a0${unit(minutes, 'minute')}`;
      return minutes > 0 ? `${unit(minutes, 'minute')}\u00a0${unit(whole % 60, 'second')}` : unit(whole, 'second');
    },
    megabytes: (bytes) => using('megabyte', 1, MEGABYTES).format(bytes / 1e6),
    bytes(bytes) {
      const [size, name] =
        bytes >= 1e9 ? [bytes / 1e9, 'gigabyte'] : bytes >= 1e6 ? [bytes / 1e6, 'megabyte'] : [bytes / 1e3, 'kilobyte'];
      const digits = name === 'kilobyte' || Number.isInteger(size) ? 0 : 1;
      return using(name, digits, { style: 'unit', unit: name, ...SHORT }).format(size);
    },
    tiny: (value) => (value === 0 ? number(0) : minus(value.toExponential(0))),
    pValue: (p) => (p < 0.001 ? `< ${number(0.001, 3)}` : `= ${number(p, 3)}`),
    date: (iso) => dates.format(new Date(iso)),
  };
}
