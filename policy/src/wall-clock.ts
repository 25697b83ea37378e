/**
 * Instants, times of day, dates and days of the week as conditions write them, with the fixed offsets that they carry. There is no
 * daylight saving, and nothing here asks what time it is.
 */

export const secondsPerDay = 86_400;

/** A bound that a condition names: its position on the scale of its kind, and the offset in seconds at which it is read. */
export interface Bound {
  readonly position: number;
  readonly offset: number;
}

const dateTimeForm = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(Z|[+-]\d\d:\d\d)$/;
const timeForm = /^(\d\d):(\d\d):(\d\d)(Z|[+-]\d\d:\d\d)$/;
const dateForm = /^(\d{4})-(\d\d)-(\d\d)(Z|[+-]\d\d:\d\d)$/;
const dayForm = /^([1-7])(Z|[+-]\d\d:\d\d)?$/;

/** `2022-12-26T09:00:00-05:00`: seconds since 1970-01-01T00:00:00Z. */
export function readDateTime(text: string): Bound | undefined {
  const [, year = '', month = '', day = '', hour = '', minute = '', second = '', zone = ''] = dateTimeForm.exec(text) ?? [];
  const date = epochDay(year, month, day);
  const time = secondOfDay(hour, minute, second);
  const offset = readOffset(zone);
  if (date === undefined || time === undefined || offset === undefined) return undefined;
  return { position: date * secondsPerDay + time - offset, offset };
}

/** `09:00:00-05:00`: seconds since midnight at the offset. */
export function readTime(text: string): Bound | undefined {
  const [, hour = '', minute = '', second = '', zone = ''] = timeForm.exec(text) ?? [];
  const position = secondOfDay(hour, minute, second);
  const offset = readOffset(zone);
  return position === undefined || offset === undefined ? undefined : { position, offset };
}

/** `2022-12-26-05:00`: days since 1970-01-01 at the offset. */
export function readDate(text: string): Bound | undefined {
  const [, year = '', month = '', day = '', zone = ''] = dateForm.exec(text) ?? [];
  const position = epochDay(year, month, day);
  const offset = readOffset(zone);
  return position === undefined || offset === undefined ? undefined : { position, offset };
}

/** A day of the week, 1 for Monday to 7 for Sunday, with its offset where it names one. */
export interface WeekDay {
  readonly day: number;
  readonly offset: number | undefined;
}

/** `3`, `"3"` or `"3+06:00"`. */
export function readWeekDay(value: string | number | boolean): WeekDay | undefined {
  const [, day = '', zone] = dayForm.exec(String(value)) ?? [];
  if (day === '' || typeof value === 'boolean') return undefined;
  const offset = zone === undefined ? undefined : readOffset(zone);
  return zone !== undefined && offset === undefined ? undefined : { day: Number(day), offset };
}

/** The second since 1970-01-01T00:00:00Z in which an instant lies: what is finer does not count. */
export function secondOf(at: number): number {
  return Math.floor(at / 1000);
}

export function secondOfDayAt(second: number, offset: number): number {
  const local = (second + offset) % secondsPerDay;
  return local < 0 ? local + secondsPerDay : local;
}

export function epochDayAt(second: number, offset: number): number {
  return Math.floor((second + offset) / secondsPerDay);
}

/** 1 for Monday to 7 for Sunday. Day 0 was a Thursday. */
export function weekDayOf(epochDayNumber: number): number {
  const sinceMonday = (epochDayNumber + 3) % 7;
  return (sinceMonday < 0 ? sinceMonday + 7 : sinceMonday) + 1;
}

/** An instant as a clock at the offset shows it: `2022-12-26T09:00:00-05:00`; undefined beyond what a date can be. */
export function writeDateTime(second: number, offset: number): string | undefined {
  const date = new Date((second + offset) * 1000);
  return Number.isNaN(date.getTime()) ? undefined : `${date.toISOString().slice(0, -'.000Z'.length)}${writeOffset(offset)}`;
}

export function writeOffset(offset: number): string {
  const minutes = Math.abs(offset) / 60;
  const two = (value: number) => String(value).padStart(2, '0');
  return `${offset < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

function epochDay(year: string, month: string, day: string): number | undefined {
  if (year === '') return undefined;
  const date = new Date(`${year}-${month}-${day}T00:00:00Z`);
  // The parser takes 30 February for 2 March.
  if (Number.isNaN(date.getTime()) || date.getUTCDate() !== Number(day)) return undefined;
  return date.getTime() / 1000 / secondsPerDay;
}

function secondOfDay(hour: string, minute: string, second: string): number | undefined {
  if (hour === '' || hour > '23' || minute > '59' || second > '59') return undefined;
  return Number(hour) * 3600 + Number(minute) * 60 + Number(second);
}

function readOffset(zone: string): number | undefined {
  if (zone === 'Z') return 0;
  const [sign, hour, minute] = [zone.slice(0, 1), zone.slice(1, 3), zone.slice(4, 6)];
  if (zone === '' || hour > '23' || minute > '59') return undefined;
  const offset = Number(hour) * 3600 + Number(minute) * 60;
  return sign === '-' && offset > 0 ? -offset : offset;
}
